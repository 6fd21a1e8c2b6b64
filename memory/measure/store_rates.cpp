#include <algorithm>
#include <chrono>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "fovea/bench.h"
#include "memory/database.h"
#include "memory/measure/made_up_store.h"
#include "memory/measure/median.h"
#include "memory/store.h"

namespace fovea {
namespace {

constexpr std::size_t kPagesTimed = 200;
constexpr int kQuestions = 40;
const Scope kScope{"bench", "bench", "bench"};

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// What is asked of the store and of the bare tables, by turns, so that what else the machine does
/// hurts both alike. Medians of seconds.
struct Paired {
  double store, bare;
};
template <class OfStore, class OfBare>
Paired measure_in_turn(std::size_t times, OfStore of_store, OfBare of_bare) {
  std::vector<double> store, bare;
  for (std::size_t i = 0; i < times; ++i) {
    bare.push_back(seconds_of([&] { of_bare(i); }));
    store.push_back(seconds_of([&] { of_store(i); }));
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

StoreRates measure_store(const std::string& folder) {
  MadeUp made_up(3);
  Store store(folder + "/store.db");
  BareTables bare(folder + "/bare.db");
  const ScopeId scope = store.scope(kScope);
  std::vector<NewPage> pages;
  for (std::size_t i = 0; i < kPagesTimed; ++i) {
    pages.push_back(made_up_page(made_up));
    const NewMessage message{"user", pages[i].text, 1, std::to_string(i)};
    store.add_messages(scope, {&message, 1});
    bare.add_words(pages[i]);
  }
  const Paired inserting = measure_in_turn(
      kPagesTimed, [&](std::size_t i) { store.add_page(scope, pages[i]); },
      [&](std::size_t i) { bare.add(pages[i]); });

  std::vector<MadeUpQuestion> questions;
  for (int i = 0; i <= kQuestions; ++i) questions.push_back(made_up_question(made_up));
  search_as_memory(store, kScope, questions.back());  // makes the index
  float nearest = 0;
  const Paired searching = measure_in_turn(
      kQuestions, [&](std::size_t i) { search_as_memory(store, kScope, questions[i]); },
      [&](std::size_t i) {
        bare.find(questions[i]);
        for (const NewPage& page : pages)
          nearest = std::max(nearest, std::inner_product(page.embedding.begin(), page.embedding.end(),
                                                         questions[i].vector.begin(), 0.0f));
      });
  return {.pages = kPagesTimed,
          .inserts = 1 / inserting.store,
          .bare_inserts = 1 / inserting.bare,
          .searches = 1 / searching.store,
          .bare_searches = nearest > 0 ? 1 / searching.bare : 0};
}

}  // namespace fovea
