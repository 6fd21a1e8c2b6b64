// What the store takes beside bare SQLite and bare FAISS, in one run: searching among many pages,
// adding a message, memory of the vector index, size of each table; and which index would serve ten
// million pages.
// Usage: store_scale [PAGES] [VECTORS]; 100000 and 1000000 unless given. Prints one JSON object.

#include <faiss/IndexFlat.h>
#include <faiss/IndexScalarQuantizer.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "memory/database.h"
#include "memory/full_text.h"
#include "memory/store.h"
#include "memory/store_impl.h"
#include "memory/vector_index.h"

namespace {

using namespace fovea;
using Clock = std::chrono::steady_clock;

constexpr int kDim = 512;            // fovea-nano's
constexpr std::size_t kWords = 900;  // a page of about 5,600 characters
constexpr std::size_t kVocabulary = 60'000;
const std::string kFingerprint(64, 'a');
const Scope kScope{"bench", "bench", "bench"};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median_seconds(int times, const std::function<void(int)>& work) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) {
    const auto start = Clock::now();
    work(i);
    all.push_back(seconds_since(start));
  }
  std::ranges::nth_element(all, all.begin() + times / 2);
  return all[static_cast<std::size_t>(times) / 2];
}

/// Words as often as language has them: the n-th with a chance of about 1 / n.
class Language {
 public:
  std::size_t word() {
    const double u = std::uniform_real_distribution<>(0, 1)(random_);
    return static_cast<std::size_t>(std::pow(static_cast<double>(kVocabulary), u)) - 1;
  }
  std::string text(std::size_t words) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) text += spelled(word()) + (i % 15 == 14 ? ".\n" : " ");
    return text;
  }
  /// Such as people ask: three words that are neither the commonest nor unheard of.
  std::string question() {
    std::string text;
    for (int i = 0; i < 3; ++i) text += spelled(200 + random_() % 8000) + " ";
    return text;
  }
  std::vector<float> vector(std::size_t count = 1) {
    std::normal_distribution<float> normal;
    std::vector<float> values(count * kDim);
    for (float& value : values) value = normal(random_);
    for (std::size_t i = 0; i < count; ++i) {
      const auto one = std::span(values).subspan(i * kDim, kDim);
      float square = 0;
      for (const float value : one) square += value * value;
      for (float& value : one) value /= std::sqrt(square);
    }
    return values;
  }

 private:
  static std::string spelled(std::size_t number) {
    static constexpr const char* kSyllables[] = {"ba", "ke", "li", "mo", "nu", "ra", "se", "ti",
                                                 "vo", "zu", "da", "fe", "gi", "ho", "pu", "ta"};
    std::string word;
    for (number += 16; number > 0; number /= 16) word += kSyllables[number % 16];
    return word;
  }
  std::mt19937 random_{11};
};

NewPage page_of(std::string text, std::vector<float> embedding) {
  NewPage page{.text = std::move(text), .tokens = {}, .embedding = std::move(embedding), .fidelity = {}};
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

/// The rows that a search reads, written in large transactions; vision tokens are left out.
void fill(const std::string& file, ScopeId scope, std::size_t pages, Language& language) {
  const Database database(file, file, 1000);
  database.execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
  Statement page = database.prepare(
      "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
      "text_tokens, time) VALUES (?1, ?2, ?1, 'tiny', 106, x'', ?3, ?3, 1000, 1)");
  Statement words = database.prepare("INSERT INTO full_text (rowid, text) VALUES (?, ?)");
  Statement vector = database.prepare("INSERT INTO embeddings VALUES (?, ?, 1, ?)");
  for (std::size_t i = 1; i <= pages;) {
    Transaction transaction(database, Transaction::Kind::write);
    for (const std::size_t end = std::min(pages, i + 999); i <= end; ++i) {
      const std::string text = language.text(kWords);
      page.bind(i, scope, text.size()).run();
      words.bind(i, text).run();
      vector.bind(i, kFingerprint, Blob(language.vector())).run();
    }
    transaction.commit();
  }
  database.execute("UPDATE store SET embedding_stamp = 1");
}

void print(const std::string& name, double value) {
  std::cout << "  \"" << name << "\": " << std::setprecision(4) << value << ",\n" << std::flush;
}

void bench_search(const std::string& folder, std::size_t pages) {
  Language language;
  const std::string file = folder + "/search.db";
  {
    Store store(file);
    fill(file, store.scope(kScope), pages, language);
  }
  Store store(file);
  std::vector<std::string> questions;
  std::vector<std::vector<float>> asked;
  for (int i = 0; i < 40; ++i) {
    questions.push_back(language.question());
    asked.push_back(language.vector());
  }
  const Database bare(file, file, 1000);
  Statement words = bare.prepare(
      "SELECT rowid FROM full_text WHERE full_text MATCH ? ORDER BY rank LIMIT 50");
  faiss::IndexFlatIP flat(kDim);
  Statement vector = bare.prepare("SELECT vector FROM embeddings");
  while (vector.step()) flat.add(1, vector.items<float>(0).data());
  store.search_vectors(kScope, kFingerprint, asked[0], 50);  // reads the index

  const double bare_words = median_seconds(40, [&](int i) {
    words.bind(match_expression(questions[static_cast<std::size_t>(i)]));
    while (words.step()) {
    }
  });
  std::vector<float> scores(50);
  std::vector<faiss::Index::idx_t> places(50);
  const double bare_vectors = median_seconds(40, [&](int i) {
    flat.search(1, asked[static_cast<std::size_t>(i)].data(), 50, scores.data(), places.data());
  });
  const double ours = median_seconds(40, [&](int i) {
    const auto which = static_cast<std::size_t>(i);
    store.search_text(kScope, questions[which], 50);
    store.search_vectors(kScope, kFingerprint, asked[which], 50);
  });
  print("search_pages", static_cast<double>(pages));
  print("search_bare_fts5_ms", 1000 * bare_words);
  print("search_bare_faiss_ms", 1000 * bare_vectors);
  print("search_ms", 1000 * ours);
  print("search_times_bare", ours / (bare_words + bare_vectors));
}

/// Messages of 1,000 bytes, each in a transaction of its own.
void bench_adding(const std::string& folder) {
  Language language;
  constexpr int kMessages = 2000;
  std::vector<std::string> texts;
  for (int i = 0; i < kMessages; ++i) texts.push_back(language.text(160));
  Store store(folder + "/add.db");
  const ScopeId scope = store.scope(kScope);
  const Database bare(folder + "/bare.db", "bare", 1000);
  bare.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
               "CREATE TABLE bare (id INTEGER PRIMARY KEY, text BLOB)");
  Statement insert = bare.prepare("INSERT INTO bare (text) VALUES (?)");
  const double theirs = median_seconds(kMessages, [&](int i) {
    insert.bind(Blob(std::string_view(texts[static_cast<std::size_t>(i)]))).run();
  });
  const double ours = median_seconds(kMessages, [&](int i) {
    const NewMessage message{"user", texts[static_cast<std::size_t>(i)], 1, std::to_string(i)};
    store.add_messages(scope, {&message, 1});
  });
  print("add_message_us", 1e6 * ours);
  print("add_message_times_bare", ours / theirs);
}

void bench_sizes(const std::string& folder) {
  Language language;
  constexpr int kPages = 300;
  const std::string file = folder + "/size.db";
  Store store(file);
  const ScopeId scope = store.scope(kScope);
  for (int i = 0; i < kPages; ++i) {
    const NewMessage message{"user", language.text(kWords), 1, std::to_string(i)};
    store.add_messages(scope, {&message, 1});
    store.add_page(scope, page_of(message.text, language.vector()));
  }
  store.clean();
  const Database database(file, file, 1000);
  Statement row = database.prepare(
      "SELECT CASE WHEN name LIKE 'full_text%' THEN 'full_text' ELSE name END AS of, sum(pgsize) "
      "FROM dbstat WHERE name NOT LIKE 'sqlite_%' GROUP BY of HAVING sum(pgsize) > 100 * ? "
      "ORDER BY 2 DESC");
  row.bind(kPages);
  while (row.step()) print("bytes_a_page_" + row.text(0), row.real(1) / kPages);
}

double resident_bytes() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void bench_memory(std::size_t vectors) {
  Language language;
  const std::vector<float> some = language.vector(1000);
  double theirs = resident_bytes();
  {
    faiss::IndexFlatIP flat(kDim);
    for (std::size_t i = 0; i < vectors; ++i) flat.add(1, some.data() + i % 1000 * kDim);
    theirs = resident_bytes() - theirs;
  }
  malloc_trim(0);
  const double before = resident_bytes();
  VectorIndex index({std::string(32, '0'), kFingerprint, 1}, kDim);
  for (std::size_t i = 0; i < vectors; ++i)
    index.add({.page = static_cast<PageId>(i + 1), .scope = 1, .change = 1},
              std::span(some).subspan(i % 1000 * kDim, kDim));
  const double ours = resident_bytes() - before;
  print("index_vectors", static_cast<double>(vectors));
  print("index_bytes_a_vector", ours / static_cast<double>(vectors));
  print("index_memory_times_faiss", ours / theirs);
}

/// Vectors in clusters, as texts of a subject are.
std::vector<float> clustered(std::size_t count, Language& language) {
  const std::size_t clusters = std::max<std::size_t>(10, count / 500);
  const std::vector<float> centres = language.vector(clusters);
  std::vector<float> vectors = language.vector(count);
  std::mt19937 random(5);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t centre = random() % clusters;
    for (int j = 0; j < kDim; ++j) {
      float& value = vectors[i * kDim + static_cast<std::size_t>(j)];
      value = 0.6f * value + 0.8f * centres[centre * kDim + static_cast<std::size_t>(j)];
    }
  }
  return vectors;
}

struct Truth {
  std::vector<float> questions;
  std::vector<std::set<faiss::Index::idx_t>> nearest;
};

void measure_index(const std::string& name, faiss::Index& index, const Truth& truth, double bytes) {
  const std::size_t asked = truth.nearest.size();
  std::size_t found = 0;
  std::vector<float> scores(10);
  std::vector<faiss::Index::idx_t> places(10);
  const double seconds = median_seconds(static_cast<int>(asked), [&](int i) {
    const auto which = static_cast<std::size_t>(i);
    index.search(1, truth.questions.data() + which * kDim, 10, scores.data(), places.data());
    for (const auto place : places) found += truth.nearest[which].contains(place) ? 1 : 0;
  });
  print(name + "_ms", 1000 * seconds);
  print(name + "_recall_at_10", static_cast<double>(found) / (10.0 * static_cast<double>(asked)));
  print(name + "_bytes_a_vector", bytes);
}

void bench_indices(std::size_t count) {
  Language language;
  const auto n = static_cast<faiss::Index::idx_t>(count);
  std::vector<float> vectors = clustered(count, language);
  Truth truth;
  faiss::IndexFlatIP flat(kDim);
  flat.add(n, vectors.data());
  for (std::size_t i = 0; i < 50; ++i) {
    const auto from = vectors.begin() + static_cast<std::ptrdiff_t>(i * (count / 50) * kDim);
    const std::vector<float> noise = language.vector();
    std::vector<float> question(from, from + kDim);
    for (std::size_t j = 0; j < kDim; ++j) question[j] += 0.4f * noise[j];
    std::vector<float> scores(10);
    std::vector<faiss::Index::idx_t> places(10);
    flat.search(1, question.data(), 10, scores.data(), places.data());
    truth.nearest.emplace_back(places.begin(), places.end());
    truth.questions.insert(truth.questions.end(), question.begin(), question.end());
  }
  measure_index("flat", flat, truth, kDim * 4);
  flat.reset();
  const std::size_t lists = static_cast<std::size_t>(2 * std::sqrt(static_cast<double>(count)));
  const auto training = static_cast<faiss::Index::idx_t>(std::min(count, lists * 40));
  faiss::IndexFlatIP coarse(kDim);
  faiss::IndexIVFScalarQuantizer ivf(&coarse, kDim, lists, faiss::ScalarQuantizer::QT_8bit,
                                     faiss::METRIC_INNER_PRODUCT);
  const auto start = Clock::now();
  ivf.train(training, vectors.data());
  ivf.add(n, vectors.data());
  print("ivf_sq8_build_s", seconds_since(start));
  for (const std::size_t probes : {8, 32}) {
    ivf.nprobe = probes;
    measure_index("ivf_sq8_probe" + std::to_string(probes), ivf, truth, kDim + 8);
  }
  faiss::IndexScalarQuantizer sq8(kDim, faiss::ScalarQuantizer::QT_8bit,
                                  faiss::METRIC_INNER_PRODUCT);
  sq8.train(training, vectors.data());
  sq8.add(n, vectors.data());
  measure_index("sq8", sq8, truth, kDim);
}

}  // namespace

int main(int count, char** arguments) try {
  const std::size_t pages = count > 1 ? std::stoul(arguments[1]) : 100'000;
  const std::size_t vectors = count > 2 ? std::stoul(arguments[2]) : 1'000'000;
  std::string folder = (std::filesystem::temp_directory_path() / "fovea-scale-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error("no temporary folder");
  std::cout << "{\n";
  bench_adding(folder);
  bench_sizes(folder);
  bench_search(folder, pages);
  bench_memory(vectors);
  bench_indices(vectors);
  std::cout << "  \"done\": true\n}\n";
  std::filesystem::remove_all(folder);
} catch (const std::exception& error) {
  std::cerr << "store_scale: " << error.what() << '\n';
  return 1;
}
