// How long a query takes in one conversation and in a store of many pages, by words and with meaning, beside FTS5's own
// bm25 for the same words.
// Usage: query_speed STORE [PAGES]
// STORE is made where it is missing: a conversation of 150 pages and a scope of PAGES (100,000) in made-up words, kept
// as text and without a codec, with made-up vectors (the embedder's own time is not in it). Each row: the first query of a process, then the median and the 95th percentile of 200
// questions of four to six words, said as often as those of the text but for the hundred most frequent ones, since a
// query drops its stop words; the processor's time, which a busy machine leaves as it is.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "memory/database.h"
#include "memory/full_text.h"
#include "memory/pieces.h"
#include "memory/store.h"

namespace {

using namespace fovea;

const Scope kConversation{"one", "conversation"}, kMany{"many", "pages"};
constexpr std::size_t kPageBytes = 5600;
constexpr int kVocabulary = 60'000, kQuestions = 200, kMessagesAtOnce = 200;
constexpr std::size_t kOfContext = 4096;  // pieces that a context asks for first
constexpr double kStopWords = 100;
constexpr std::size_t kDim = 384;  // as all-MiniLM-L6-v2
constexpr const char* kEmbedder = "made-up";

/// Words by how often they are said, as in a language: the n-th is said 1/n times as often as the first.
class Words {
 public:
  explicit Words(unsigned seed) : random_(seed) {}

  std::string next(double most_frequent = 1) {
    const double span = std::log(kVocabulary / most_frequent);
    return word(static_cast<int>(most_frequent * std::exp(uniform_(random_) * span)));
  }
  std::string message() {
    std::string text;
    const int words = 10 + static_cast<int>(random_() % 120);
    for (int i = 0; i < words; ++i) text += (i % 12 == 11 ? next() + ". " : next() + " ");
    return text + "\n";
  }

 private:
  static std::string word(int rank) {
    static constexpr std::string_view kSyllables = "bakidolunemasitorepuvexwagohyf";
    std::string text;
    for (int left = rank + 20; left > 0; left /= 15)
      text += kSyllables.substr(2 * static_cast<std::size_t>(left % 15), 2);
    return text;
  }

  std::mt19937 random_;
  std::uniform_real_distribution<double> uniform_{0, 1};
};

NewPage page_of(const std::string& text, Time time) {
  constexpr int kWidth = 8;
  NewPage page{.text = text, .characters = text.size(), .text_tokens = text.size() / 4, .time = time,
               .tokens = {.level = Level::trace, .density = Density::d106, .row_lengths = {},
                          .count = token_count(Level::trace), .dim = kWidth, .values = {}, .scales = {},
                          .fingerprint = std::string(64, 'a')},
               .embedding = std::vector<float>(kWidth, 0.1f), .fidelity = {}};
  page.tokens.values.assign(static_cast<std::size_t>(page.tokens.count) * kWidth, 5);
  page.tokens.scales.assign(static_cast<std::size_t>(page.tokens.count), 0.5f);
  return page;
}

/// Adds messages until the scope has so many pages; goes on where it was stopped.
void fill(Store& store, const Scope& name, std::size_t pages) {
  const ScopeId scope = store.scope(name);
  std::size_t made = store.count_pages(name);
  Words words(static_cast<unsigned>(made) + 1);
  Time time = 1'700'000'000 + static_cast<Time>(made) * 600;
  while (made < pages) {
    std::vector<NewMessage> messages;
    for (int i = 0; i < kMessagesAtOnce; ++i) {
      time += i == 0 ? 90'000 : 60;
      messages.push_back({.role = i % 2 ? "assistant" : "user", .text = words.message(), .time = time, .source_id = {}});
    }
    store.add_messages(scope, messages);
    for (; made < pages; ++made) {
      const Verbatim verbatim = store.verbatim(scope, kPageBytes);
      if (verbatim.text.size() < kPageBytes) break;
      store.add_page(scope, page_of(verbatim.text, time));
    }
    if (made % 1000 < 20) std::fprintf(stderr, "\r%zu pages", made);
  }
}

std::vector<float> made_up_vector(std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDim);
  for (float& value : vector) value = normal(random);
  return vector;
}

/// Goes on where it was stopped.
void give_vectors(Store& store, ScopeId scope) {
  std::mt19937 random(1);
  std::int64_t after = 0;
  while (true) {
    const auto pieces = store.pieces_without_vector(scope, after, 1000);
    if (pieces.empty()) return;
    std::vector<std::vector<float>> vectors;
    for (std::size_t i = 0; i < pieces.size(); ++i) vectors.push_back(made_up_vector(random));
    store.set_vectors(scope, kEmbedder, pieces, vectors);
    after = pieces.back().place;
  }
}

std::vector<std::string> questions_of(std::size_t pages) {
  std::vector<std::string> questions;
  std::mt19937 random(static_cast<unsigned>(pages));
  Words words(9);
  for (int i = 0; i < kQuestions; ++i) {
    std::string question;
    for (std::size_t k = 4 + random() % 3; k > 0; --k) question += words.next(kStopWords) + " ";
    questions.push_back(question);
  }
  return questions;
}

double processor_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

using Query = std::function<void(const std::string&)>;

void measure(const char* name, const std::vector<std::string>& questions, const Query& query) {
  std::vector<double> times;
  for (const std::string& question : questions) {
    const double start = processor_ms();
    query(question);
    times.push_back(processor_ms() - start);
  }
  const double first = times.front();
  std::ranges::sort(times);
  std::printf("  %-22s first %8.2f   median %7.2f   95 %% %7.2f ms\n", name, first,
              times[times.size() / 2], times[times.size() * 95 / 100]);
}

/// The best 50 pieces by FTS5's own ranking.
void by_fts5(const Database& database, ScopeId scope, const std::string& question) {
  std::string match;
  for (std::size_t begin = 0; begin < question.size();) {
    const std::size_t end = question.find(' ', begin);
    match += (match.empty() ? "\"" : " OR \"") + question.substr(begin, end - begin) + "\"";
    begin = end + 1;
  }
  Statement row = database.prepare(
      "SELECT rowid FROM piece_words WHERE piece_words MATCH ? AND rowid BETWEEN ? AND ? "
      "ORDER BY rank LIMIT 50");
  row.bind(match, word_row(scope, 0), word_row(scope + 1, -1));
  while (row.step()) {
  }
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 2) {
    std::cerr << "usage: query_speed STORE [PAGES]\n";
    return 2;
  }
  const std::size_t pages = count > 2 ? std::stoul(arguments[2]) : 100'000;
  {
    Store store(arguments[1]);
    fill(store, kConversation, 150);
    fill(store, kMany, pages);
    for (const Scope& name : {kConversation, kMany}) give_vectors(store, store.find_scope(name).value());
  }
  for (const Scope& name : {kConversation, kMany}) {
    Store store(arguments[1]);
    const ScopeId scope = store.find_scope(name).value();
    const auto questions = questions_of(store.count_pages(name));
    std::printf("%zu pages\n", store.count_pages(name));
    measure("search", questions, [&](const auto& asked) { store.search_text(name, asked, 50); });
    std::mt19937 random(2);
    const QuestionVector meaning{kEmbedder, made_up_vector(random)};
    measure("search with meaning", questions,
            [&](const auto& asked) { store.search_text(name, asked, 50, {}, meaning); });
    measure("pieces for a context", questions,
            [&](const auto& asked) { store.order_pieces(scope, asked, nullptr, {}, {}, kOfContext); });
    const Database database(arguments[1], arguments[1], 1000);
    add_full_text(database);
    measure("FTS5's bm25, pieces", questions,
            [&](const auto& asked) { by_fts5(database, scope, asked); });
  }
} catch (const std::exception& error) {
  std::cerr << "query_speed: " << error.what() << '\n';
  return 1;
}
