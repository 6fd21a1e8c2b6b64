#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "memctl/bench_folder.h"
#include "memctl/bench_stages.h"
#include "memctl/stopwatch.h"
#include "memory/database.h"
#include "memory/ranking.h"
#include "memory/snippet.h"
#include "memory/store.h"

namespace fovea::memctl {
namespace {

constexpr int kDim = 512;  // of embeddings: fovea-nano's
constexpr std::size_t kPages = 200;
constexpr std::size_t kWords = 900;  // a page of about 5,600 characters
constexpr std::size_t kDepth = 50;   // of each list that a search fuses
constexpr std::size_t kHits = 10;
constexpr int kQuestions = 40;
const std::string kFingerprint(64, 'a');
const Scope kScope{"bench", "bench", "bench"};

/// The n-th of a vocabulary, letters alone.
std::string word(int number) {
  std::string text = std::to_string(number);
  for (char& digit : text) digit = static_cast<char>(digit + ('a' - '0'));
  return text;
}

/// Words as often as language has them: of 60,000 the n-th with a chance of about 1 / n.
std::string made_up_text(std::mt19937& random) {
  std::string text;
  for (std::size_t i = 0; i < kWords; ++i) {
    const double u = std::uniform_real_distribution<>(0, 1)(random);
    text += word(static_cast<int>(std::pow(60'000, u))) + (i % 15 == 14 ? ".\n" : " ");
  }
  return text;
}

/// In any direction, of length 1.
std::vector<float> made_up_vector(std::mt19937& random) {
  std::vector<float> vector(kDim);
  std::ranges::generate(vector, [&] { return std::normal_distribution<float>()(random); });
  const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0f));
  for (float& value : vector) value /= length;
  return vector;
}

NewPage made_up_page(std::mt19937& random) {
  NewPage page{.text = made_up_text(random), .tokens = {}, .embedding = made_up_vector(random), .fidelity = {}};
  page.characters = page.text.size();
  page.text_tokens = page.text.size() / 4;
  page.time = 1;
  page.tokens.level = Level::tiny;
  page.tokens.count = token_count(Level::tiny);
  page.tokens.dim = kDim;
  page.tokens.values.assign(static_cast<std::size_t>(page.tokens.count) * kDim, 3);
  page.tokens.scales.assign(static_cast<std::size_t>(page.tokens.count), 0.1f);
  page.tokens.fingerprint = kFingerprint;
  return page;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
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
    const Stopwatch first;
    of_bare(i);
    bare.push_back(first.seconds());
    const Stopwatch second;
    of_store(i);
    store.push_back(second.seconds());
  }
  return {median(store), median(bare)};
}

struct Question {
  std::array<std::string, 3> words;
  std::vector<float> vector;

  std::string text() const { return words[0] + " " + words[1] + " " + words[2]; }
  std::string any_word() const { return words[0] + " OR " + words[1] + " OR " + words[2]; }
};

/// Three words that are neither the commonest nor unheard of.
Question made_up_question(std::mt19937& random) {
  Question question;
  for (std::string& each : question.words) each = word(200 + static_cast<int>(random() % 8000));
  question.vector = made_up_vector(random);
  return question;
}

/// As Memory::search does it with the question's embedding at hand.
void search(Store& store, const Question& question) {
  const TextHits by_words = store.search_text(kScope, question.text(), kDepth);
  const std::array lists = {
      RankedList{by_words.pages},
      RankedList{store.search_vectors(kScope, kFingerprint, question.vector, kDepth)}};
  std::vector<PageId> nearest;
  for (const PageScore& page : lists[1].pages) nearest.push_back(page.id);
  store.without_archive(nearest);
  for (const PageScore& hit : fuse(lists, kHits)) {
    const ScopeId scope = store.find_scope(store.whereabouts(hit.id).first).value();
    const auto page = std::ranges::find(by_words.pages, hit.id, &PageScore::id);
    if (page == by_words.pages.end()) continue;
    for (const Piece& piece : store.read_pieces(scope, {&page->piece, 1}))
      make_snippet(piece.text.value_or(""), question.text());
  }
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
  void find(const Question& question) {
    find_.bind(question.any_word());
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
  std::mt19937 random(3);
  const BenchFolder folder(setup.folder);
  Store store(folder.file("store.db"));
  BareTables bare(folder.file("bare.db"));
  const ScopeId scope = store.scope(kScope);
  std::vector<NewPage> pages;
  for (std::size_t i = 0; i < kPages; ++i) {
    pages.push_back(made_up_page(random));
    const NewMessage message{"user", pages[i].text, 1, std::to_string(i)};
    store.add_messages(scope, {&message, 1});
    bare.add_words(pages[i]);
  }
  const Paired inserting = measure_in_turn(
      kPages, [&](std::size_t i) { store.add_page(scope, pages[i]); },
      [&](std::size_t i) { bare.add(pages[i]); });

  std::vector<Question> questions;
  for (int i = 0; i <= kQuestions; ++i) questions.push_back(made_up_question(random));
  search(store, questions.back());  // makes the index
  float nearest = 0;
  const Paired searching = measure_in_turn(
      kQuestions, [&](std::size_t i) { search(store, questions[i]); },
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
