#include <algorithm>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "memctl/bench_folder.h"
#include "memctl/bench_stages.h"
#include "memctl/made_up_store.h"
#include "memctl/stopwatch.h"
#include "memory/database.h"
#include "memory/store.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kPages = 200;
constexpr int kQuestions = 40;
const Scope kScope{"bench", "bench", "bench"};

/// What is asked of the store and of the bare tables, by turns, so that what else the machine does
/// hurts both alike. Medians of seconds.
struct Paired {
  double store, bare;
};
template <class OfStore, class OfBare>
Paired measure_in_turn(std::size_t times, OfStore of_store, OfBare of_bare) {
  std::vector<double> store, bare;
  for (std::size_t i = 0; i < times; ++i) {
    const Stopwatch first;
    of_bare(i);
    bare.push_back(first.seconds());
    const Stopwatch second;
    of_store(i);
    store.push_back(second.seconds());
  }
  return {median(store), median(bare)};
}

/// An FTS5 expression.
std::string any_word_of(const std::string& words) {
  std::istringstream rest(words);
  std::string expression;
  for (std::string word; rest >> word;)
    expression.append(expression.empty() ? "" : " OR ").append(word);
  return expression;
}

/// Pages and their words in tables that know nothing else.
class BareTables {
 public:
  explicit BareTables(const std::string& file)
      : database_(file, "bare", 1000), insert_(prepared()),
        find_(database_.prepare("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 50")) {}

  void add(const NewPage& page) {
    insert_.bind(Blob(page.text), Blob(page.tokens.values), Blob(page.embedding)).run();
  }
  void add_words(const NewPage& page) {
    Statement insert = database_.prepare("INSERT INTO words (text) VALUES (?)");
    insert.bind(page.text).run();
  }
  void find(const MadeUpQuestion& question) {
    find_.bind(any_word_of(question.words));
    while (find_.step()) {
    }
  }

 private:
  Statement prepared() {
    database_.execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "CREATE TABLE bare (id INTEGER PRIMARY KEY, text BLOB, vals BLOB, vector BLOB);"
        "CREATE VIRTUAL TABLE words USING fts5(text)");
    return database_.prepare("INSERT INTO bare (text, vals, vector) VALUES (?, ?, ?)");
  }

  Database database_;
  Statement insert_, find_;
};

}  // namespace

std::vector<Stage> bench_store(const BenchSetup& setup) {
  MadeUp made_up(3);
  const BenchFolder folder(setup.folder);
  Store store(folder.file("store.db"));
  BareTables bare(folder.file("bare.db"));
  const ScopeId scope = store.scope(kScope);
  std::vector<NewPage> pages;
  for (std::size_t i = 0; i < kPages; ++i) {
    pages.push_back(made_up_page(made_up));
    const NewMessage message{"user", pages[i].text, 1, std::to_string(i)};
    store.add_messages(scope, {&message, 1});
    bare.add_words(pages[i]);
  }
  const Paired inserting = measure_in_turn(
      kPages, [&](std::size_t i) { store.add_page(scope, pages[i]); },
      [&](std::size_t i) { bare.add(pages[i]); });

  std::vector<MadeUpQuestion> questions;
  for (int i = 0; i <= kQuestions; ++i) questions.push_back(made_up_question(made_up));
  search(store, kScope, questions.back());  // makes the index
  float nearest = 0;
  const Paired searching = measure_in_turn(
      kQuestions, [&](std::size_t i) { search(store, kScope, questions[i]); },
      [&](std::size_t i) {
        bare.find(questions[i]);
        for (const NewPage& page : pages)
          nearest = std::max(nearest, std::inner_product(page.embedding.begin(), page.embedding.end(),
                                                         questions[i].vector.begin(), 0.0f));
      });
  return {{.name = "store insert",
           .level = {},
           .unit = "pages",
           .rate = 1 / inserting.store,
           .ceiling = "bare SQLite insert of the same bytes",
           .ceiling_rate = 1 / inserting.bare,
           .gflops = {}},
          {.name = "search among " + std::to_string(kPages),
           .level = {},
           .unit = "queries",
           .rate = 1 / searching.store,
           .ceiling = "bare FTS5 and a product with every embedding",
           .ceiling_rate = nearest > 0 ? 1 / searching.bare : 0,
           .gflops = {}}};
}

}  // namespace fovea::memctl
