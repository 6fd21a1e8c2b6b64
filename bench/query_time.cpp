// How long a question takes, by words and with meaning, beside FTS5's own bm25 over the same pieces in
// the same run. Texts and vectors are made up; the embedder's own time is not in it.
// Usage: query_time [PAGES] (default 100000; takes some minutes and 1.5 GB for each 100,000)

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

#include "memory/archive.h"
#include "memory/checksum.h"
#include "memory/database.h"
#include "memory/embedding_bytes.h"
#include "memory/full_text.h"
#include "memory/piece_query.h"
#include "memory/piece_vectors.h"
#include "memory/pieces.h"
#include "memory/store.h"
#include "memory/store_impl.h"

namespace {

using namespace fovea;
namespace fs = std::filesystem;

constexpr std::size_t kDim = 384;  // as all-MiniLM-L6-v2
constexpr std::size_t kPageWords = 900, kSentenceWords = 12;
constexpr int kQuestions = 30;
constexpr const char* kEmbedder = "made-up";

/// Words as frequent as in a language: the n-th is said 1 / n as often as the first.
class Words {
 public:
  Words() : random_(1), which_(weights().begin(), weights().end()) {}
  std::string word() { return "w" + std::to_string(which_(random_)); }
  std::string sentence(std::size_t words) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) text += (i == 0 ? "" : " ") + word();
    return text + ". ";
  }
  std::string page() {
    std::string text;
    for (std::size_t i = 0; i < kPageWords; i += kSentenceWords) text += sentence(kSentenceWords);
    return text;
  }
  std::vector<float> unit_vector() {
    std::vector<float> vector(kDim);
    double length = 0;
    for (float& value : vector) {
      value = normal_(random_);
      length += static_cast<double>(value) * static_cast<double>(value);
    }
    for (float& value : vector) value /= static_cast<float>(std::sqrt(length));
    return vector;
  }

 private:
  static std::vector<double> weights() {
    std::vector<double> weights;
    for (int n = 1; n <= 20000; ++n) weights.push_back(1.0 / n);
    return weights;
  }
  std::mt19937 random_;
  std::discrete_distribution<int> which_;
  std::normal_distribution<float> normal_;
};

void fill(const std::string& file, ScopeId scope, std::size_t pages, Words& words) {
  const Database database(file, file, 1000);
  add_full_text(database);
  database.execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
  const std::int64_t first = database.integer("SELECT coalesce(max(id), 0) FROM pages");
  Statement page = database.prepare(
      "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
      "text_tokens, time) VALUES (?1, ?2, ?1, 'tiny', 106, x'', ?3, ?3, 1000, 1)");
  Statement archive = database.prepare(insert_checked("archive"));
  Statement message = database.prepare(
      "INSERT INTO messages (id, scope, role, time, hash, bytes, expires) VALUES (?, ?, 'user', 1, ?, ?, 0)");
  Statement span = database.prepare(insert_checked("page_spans"));
  Statement last = database.prepare("SELECT coalesce(max(place), 0) FROM pieces WHERE scope = ?");
  Statement vector = database.prepare(insert_checked("piece_vectors"));
  const std::int64_t embedder = embedder_id(database, kEmbedder);
  std::int64_t place = 0;
  for (std::size_t i = 1; i <= pages;) {
    Transaction transaction(database, Transaction::Kind::write);
    PieceWriter pieces(database, scope);
    for (const std::size_t end = std::min(pages, i + 999); i <= end; ++i) {
      const std::int64_t id = first + static_cast<std::int64_t>(i);
      const std::string text = words.page();
      page.bind(id, scope, text.size()).run();
      archive.bind(id, Blob(sha256(text)), Blob(compress(text))).run();
      message.bind(id, scope, Blob(sha256(text)), text.size()).run();
      span.bind(id, 0, id, 0, text.size()).run();
      pieces.add(id, "user", text, 1);
      place_pieces_on_page(database, scope, id);
      index_pieces_of_page(database, scope, id);
      last.bind(scope).step();
      for (const std::int64_t end_place = last.integer(0); place < end_place;) {
        const std::string packed = pack_embedding(words.unit_vector());
        vector.bind(word_row(scope, ++place), embedder, Blob(std::string_view(packed))).run();
      }
    }
    transaction.commit();
    std::cerr << "\r" << i - 1 << " pages";
  }
  std::cerr << "\n";
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

template <class Work>
double milliseconds(const std::vector<std::string>& questions, Work work) {
  work(questions.front());  // what a first question reads is no question's time
  std::vector<double> times;
  for (const std::string& question : questions) {
    const auto start = std::chrono::steady_clock::now();
    work(question);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  return median(times);
}

std::string any_word_of(const std::string& question) {
  std::string expression;
  for (const QueryTerm& term : piece_query(question, {}).terms)
    expression.append(expression.empty() ? "" : " OR ").append(term.match);
  return expression;
}

void measure(const std::string& file, const Scope& name, ScopeId scope, std::size_t pages, Words& words) {
  std::vector<std::string> questions;
  for (int i = 0; i < kQuestions; ++i) questions.push_back(words.sentence(6));
  const QuestionVector meaning{kEmbedder, words.unit_vector()};
  Store store(file);
  const Database database(file, file, 1000);
  add_full_text(database);
  const double fts5 = milliseconds(questions, [&](const std::string& question) {
    Statement row = database.prepare(
        "SELECT rowid FROM piece_words WHERE piece_words MATCH ? AND rowid BETWEEN ? AND ? "
        "ORDER BY rank LIMIT 50");
    row.bind(any_word_of(question), word_row(scope, 0), word_row(scope + 1, -1));
    while (row.step()) continue;
  });
  const double by_words = milliseconds(
      questions, [&](const std::string& question) { store.search_text(name, question, 50); });
  const double with_meaning = milliseconds(questions, [&](const std::string& question) {
    store.search_text(name, question, 50, {}, meaning);
  });
  const auto pieces = store.vector_stats(scope).pieces;
  std::printf("%7zu pages, %8zu pieces: FTS5 %8.2f ms, words %8.2f ms, words and meaning %8.2f ms\n",
              pages, pieces, fts5, by_words, with_meaning);
}

}  // namespace

int main(int count, char** arguments) try {
  const std::size_t most = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100'000;
  const fs::path folder = fs::temp_directory_path() / ("fovea-query-time-" + std::to_string(most));
  fs::remove_all(folder);
  fs::create_directories(folder);
  const std::string file = (folder / "store.db").string();
  Words words;
  for (const std::size_t pages : {std::size_t{15}, std::size_t{200}, most}) {
    const Scope name{"bench", std::to_string(pages), "s"};
    const ScopeId scope = Store(file).scope(name);
    fill(file, scope, pages, words);
    measure(file, name, scope, pages, words);
  }
  fs::remove_all(folder);
} catch (const std::exception& error) {
  std::cerr << "query_time: " << error.what() << '\n';
  return 1;
}
