#include <array>
#include <filesystem>
#include <random>

#include <unistd.h>

#include "fovea/codec.h"
#include "memory/database.h"
#include "memory/ranking.h"
#include "memory/store.h"
#include "src/accuracy.h"
#include "src/memctl/bench_stages.h"
#include "src/memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

constexpr int kPages = 200;
constexpr std::size_t kPageBytes = 5600;
const Scope kScope{"bench", "bench", "bench"};

/// A folder that is gone at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& parent)
      : path_(std::filesystem::path(parent) / ("fovea-bench-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Pages with made-up vision tokens: the store does not look into them.
std::vector<NewPage> made_up_pages(const Codec& codec) {
  std::mt19937 random(3);
  const int dim = codec.embedding_dim();
  std::vector<NewPage> pages(kPages);
  for (int i = 0; i < kPages; ++i) {
    NewPage& page = pages[i];
    page.text = bench_text(kPageBytes, static_cast<unsigned>(i));
    page.characters = page.text.size();
    page.text_tokens = page.text.size() / 4;
    page.time = 1;
    page.tokens.level = Level::small;
    page.tokens.count = token_count(Level::small);
    page.tokens.dim = dim;
    page.tokens.values.resize(static_cast<std::size_t>(page.tokens.count) * dim);
    for (auto& value : page.tokens.values) value = static_cast<std::int8_t>(random());
    page.tokens.scales.assign(page.tokens.count, 0.01F);
    page.tokens.fingerprint = codec.fingerprint();
    page.embedding = codec.embed(page.text);
  }
  return pages;
}

/// The same bytes into one bare table, a transaction a page.
double bare_insert_rate(const std::string& file, const std::vector<NewPage>& pages) {
  Database database(file, file, 1000);
  database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text BLOB, vals BLOB, vector BLOB)");
  Statement insert = database.prepare("INSERT INTO bare (text, vals, vector) VALUES (?, ?, ?)");
  const Stopwatch watch;
  for (const NewPage& page : pages) {
    insert.bind(Blob(page.text), Blob(page.tokens.values), Blob(page.embedding)).run();
  }
  return kPages / watch.seconds();
}

double insert_rate(Store& store, ScopeId scope, const std::vector<NewPage>& pages) {
  std::vector<NewMessage> messages;
  for (const NewPage& page : pages) messages.push_back({.role = "text", .text = page.text, .time = 0, .source_id = ""});
  store.add_messages(scope, messages);
  const Stopwatch watch;
  for (const NewPage& page : pages) store.add_page(scope, page);
  return kPages / watch.seconds();
}

}  // namespace

std::vector<Stage> bench_store(const BenchSetup& setup) {
  const Codec codec(setup.checkpoint, setup.codec);
  const TemporaryFolder folder(setup.folder);
  const auto pages = made_up_pages(codec);
  Store store(folder.file("bench.db"));
  const ScopeId scope = store.scope(kScope);
  const double inserted = insert_rate(store, scope, pages);

  const auto vector_bytes = pages.size() * pages[0].embedding.size() * sizeof(float);
  const auto search = [&] {
    const auto question = codec.embed("the cache index that an agent reads");
    const std::array lists = {
        RankedList{store.search_text(kScope, "cache index agent", 50)},
        RankedList{store.search_vectors(kScope, codec.fingerprint(), question, 50)}};
    fuse(lists, 10);
  };
  return {{.name = "store insert",
           .level = {},
           .unit = "pages",
           .rate = inserted,
           .ceiling = "bare SQLite insert of the same bytes",
           .ceiling_rate = bare_insert_rate(folder.file("bare.db"), pages),
           .gflops = {}},
          {.name = "search among " + std::to_string(kPages),
           .level = {},
           .unit = "queries",
           .rate = rate_of(search),
           .ceiling = "memory copy of all embeddings",
           .ceiling_rate = copy_rate(vector_bytes) / static_cast<double>(vector_bytes),
           .gflops = {}}};
}

}  // namespace fovea::memctl
