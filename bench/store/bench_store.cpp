#include "bench/store/bench_store.h"

#include "bench/store/fill.h"

#include <faiss/IndexFlat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include "fovea/level.h"
#include "memory/archive.h"
#include "memory/database.h"
#include "memory/full_text.h"
#include "memory/piece_query.h"
#include "memory/store.h"

namespace fovea::bench {
namespace {

constexpr std::size_t kMessageWords = 160;
constexpr int kQuestions = 40;
constexpr const char* kPragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";

Json summary(const std::vector<double>& seconds, double unit) {
  double sum = 0;
  for (const double one : seconds) sum += one;
  return {{"median", unit * median(seconds)},
          {"mean", unit * sum / static_cast<double>(seconds.size())}};
}

double ratio(const Json& ours, const Json& theirs, const char* of = "median") {
  return ours.at(of).get<double>() / theirs.at(of).get<double>();
}

/// An FTS5 expression.
std::string any_word_of(const std::string& question) {
  std::string expression;
  for (const QueryTerm& term : piece_query(question, {}).terms)
    expression.append(expression.empty() ? "" : " OR ").append(term.match);
  return expression;
}

/// What else the machine does leaves it nearly as it is.
template <class Work>
double processor_seconds_of(Work work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double begin = now();
  work();
  return now() - begin;
}

template <class Work>
std::vector<double> seconds_of(std::size_t times, Work work) {
  std::vector<double> all;
  for (std::size_t i = 0; i < times; ++i) {
    const Stopwatch watch;
    work(i);
    all.push_back(watch.seconds());
  }
  return all;
}

}  // namespace

void say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

Json bench_adding(const std::string& parent, std::size_t messages) {
  MadeUp made_up(2);
  std::vector<std::string> texts(messages);
  for (std::string& text : texts) text = made_up.text(kMessageWords);
  const BenchFolder folder(parent);
  Store store(folder.file("store.db"));
  const ScopeId scope = store.scope(kScope);
  const Database bare(folder.file("bare.db"), "bare", 1000), keyed(folder.file("keyed.db"), "bare", 1000);
  for (const Database* database : {&bare, &keyed}) database->execute(kPragmas);
  bare.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text BLOB)");
  keyed.execute(
      "CREATE TABLE bare (id INTEGER PRIMARY KEY, scope INTEGER, role TEXT, time INTEGER, "
      "source_id TEXT, hash BLOB, text BLOB, UNIQUE (scope, source_id, hash))");
  Statement insert = bare.prepare("INSERT INTO bare (text) VALUES (?)");
  Statement insert_keyed = keyed.prepare(
      "INSERT INTO bare (scope, role, time, source_id, hash, text) VALUES (1, 'user', 1, ?, ?, ?)");
  const Json of_bare = summary(seconds_of(messages, [&](std::size_t i) {
    insert.bind(Blob(std::string_view(texts[i]))).run();
  }), 1e6);
  const Json of_keyed = summary(seconds_of(messages, [&](std::size_t i) {
    insert_keyed.bind(std::to_string(i), Blob(sha256(texts[i])), Blob(std::string_view(texts[i]))).run();
  }), 1e6);
  const Json of_store = summary(seconds_of(messages, [&](std::size_t i) {
    const NewMessage message{"user", texts[i], 1, std::to_string(i)};
    store.add_messages(scope, {&message, 1});
  }), 1e6);
  return {{"messages", messages},
          {"bare_us", of_bare},
          {"bare_with_identity_us", of_keyed},
          {"store_us", of_store},
          {"times_bare", ratio(of_store, of_bare)},
          {"times_bare_with_identity", ratio(of_store, of_keyed)},
          {"mean_times_bare_with_identity", ratio(of_store, of_keyed, "mean")}};
}

Json bench_pages(const std::string& parent, std::size_t pages) {
  MadeUp made_up(3);
  const BenchFolder folder(parent);
  const std::string file = folder.file("store.db");
  Store store(file);
  const ScopeId scope = store.scope(kScope);
  std::vector<NewPage> made;
  for (std::size_t i = 0; i < pages; ++i) made.push_back(made_up_page(made_up));
  const Database bare(folder.file("bare.db"), "bare", 1000);
  bare.execute(kPragmas);
  bare.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text BLOB, vals BLOB, vector BLOB)");
  Statement insert = bare.prepare("INSERT INTO bare (text, vals, vector) VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < pages; ++i) {
    const NewMessage message{"user", made[i].text, 1, std::to_string(i)};
    store.add_messages(scope, {&message, 1});
  }
  std::vector<double> seconds_bare, seconds_store;  // in turn
  for (std::size_t i = 0; i < pages; ++i) {
    seconds_bare.push_back(processor_seconds_of([&] {
      insert.bind(Blob(made[i].text), Blob(made[i].tokens.values), Blob(made[i].embedding)).run();
    }));
    seconds_store.push_back(processor_seconds_of([&] { store.add_page(scope, made[i]); }));
  }
  const Json of_bare = summary(seconds_bare, 1e6), of_store = summary(seconds_store, 1e6);
  Json bytes;
  const Database database(file, file, 1000);
  add_full_text(database);
  database.execute("INSERT INTO piece_words (piece_words) VALUES ('optimize')");
  database.execute("VACUUM");
  Statement row = database.prepare(
      "SELECT CASE WHEN name LIKE 'piece%' THEN 'pieces' ELSE name END AS of, sum(pgsize) "
      "FROM dbstat WHERE name NOT LIKE 'sqlite_%' GROUP BY of HAVING sum(pgsize) > 20 * ? "
      "ORDER BY 2 DESC");
  row.bind(pages);
  while (row.step()) bytes[row.text(0)] = row.integer(1) / static_cast<std::int64_t>(pages);
  return {{"pages", pages},
          {"bare_us", of_bare},
          {"store_us", of_store},
          {"times_bare", ratio(of_store, of_bare)},
          {"mean_times_bare", ratio(of_store, of_bare, "mean")},
          {"bytes_a_page", bytes}};
}

Json bench_searching(const std::string& parent, std::size_t pages) {
  const BenchFolder folder(parent);
  const std::string file = folder.file("store.db");
  fill(file, pages);
  MadeUp made_up(4);
  std::vector<MadeUpQuestion> questions(kQuestions);
  for (MadeUpQuestion& question : questions) question = made_up_question(made_up);
  const Database bare(file, file, 1000);
  add_full_text(bare);
  Statement words = bare.prepare(
      "SELECT rowid FROM piece_words WHERE piece_words MATCH ? ORDER BY rank LIMIT 50");
  faiss::IndexFlatIP flat(kMadeUpDim);
  Statement vector = bare.prepare("SELECT vector FROM embeddings");
  while (vector.step()) flat.add(1, vector.items<float>(0).data());
  Store store(file);
  const Stopwatch first;
  search_as_memory(store, kScope, questions[0]);  // makes the index
  const double index_seconds = first.seconds();

  // In turn, so that what else the machine does hurts all alike.
  std::array<std::vector<double>, 3> seconds;
  std::array<float, kSearchDepth> scores{};
  std::array<faiss::Index::idx_t, kSearchDepth> places{};
  for (const MadeUpQuestion& question : questions) {
    seconds[0].push_back(seconds_of(1, [&](std::size_t) {
      words.bind(any_word_of(question.words));
      while (words.step()) {
      }
    })[0]);
    seconds[1].push_back(seconds_of(1, [&](std::size_t) {
      flat.search(1, question.vector.data(), kSearchDepth, scores.data(), places.data());
    })[0]);
    seconds[2].push_back(
        seconds_of(1, [&](std::size_t) { search_as_memory(store, kScope, question); })[0]);
  }
  const Json of_words = summary(seconds[0], 1000), of_vectors = summary(seconds[1], 1000),
             of_store = summary(seconds[2], 1000);
  const PageId some = store.search_text(kScope, questions[0].words, 1).pages.at(0).id;
  const Stopwatch erasing;
  store.erase_pages(store.scope(kScope), {&some, 1}, 1);
  const double erase_seconds = erasing.seconds();
  return {{"pages", pages},
          {"bare_fts5_ms", of_words},
          {"bare_faiss_ms", of_vectors},
          {"store_ms", of_store},
          {"times_bare", of_store["median"].get<double>() / (of_words["median"].get<double>() +
                                                             of_vectors["median"].get<double>())},
          {"index_made_s", index_seconds},
          {"file_bytes", std::filesystem::file_size(file)},
          {"erasing_a_page_s", erase_seconds}};
}

}  // namespace fovea::bench
