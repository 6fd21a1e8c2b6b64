#include "memctl/bench_stages.h"

#include <array>
#include <cstring>
#include <random>

#include "fovea/bench.h"
#include "fovea/codec.h"
#include "fovea/memory.h"
#include "fovea/renderer.h"
#include "memctl/bench_folder.h"
#include "memctl/stopwatch.h"

namespace fovea::memctl {
namespace {

constexpr std::size_t kCanvasBytes = std::size_t{kCanvasSide} * kCanvasSide;

std::string made_up_line(std::mt19937& random) {
  static constexpr std::array kWords = {
      "the",   "memory", "of",    "an",    "agent",  "that",   "reads", "pages", "and",   "finds",
      "error", "file",   "tests", "build", "return", "buffer", "cache", "index", "token", "commit"};
  const auto word = [&] { return std::string(kWords[random() % kWords.size()]); };
  switch (random() % 4) {
    case 0: return "    if (" + word() + "." + word() + "() < " + std::to_string(random() % 1000) + ") {\n";
    case 1: return "src/" + word() + "/" + word() + ".cpp:" + std::to_string(random() % 900) + ": " + word() + "\n";
    case 2: return "{\"id\": \"" + std::to_string(random()) + "\", \"" + word() + "\": null}\n";
    default: break;
  }
  std::string line;
  for (int i = 0; i < 14; ++i) line += word() + " ";
  return line + "\n";
}

Page drawn_page(const Renderer& renderer, const std::string& text) {
  Page page = renderer.lay_out(text, Density::d106);
  renderer.draw(page);
  return page;
}

}  // namespace

double rate_of(const std::function<void()>& work, double least) {
  work();
  const Stopwatch watch;
  int calls = 0;
  do {
    work();
    ++calls;
  } while (watch.seconds() < least || (calls < 3 && watch.seconds() < 4 * least));
  return calls / watch.seconds();
}

std::string bench_text(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) text += made_up_line(random);
  text.resize(bytes);
  return text;
}

double copy_rate(std::size_t bytes) {
  std::vector<char> from(bytes, 1), to(bytes);
  const double calls = rate_of([&] {
    std::memcpy(to.data(), from.data(), bytes);
    from[0] = to[bytes / 2];  // keeps the copy from being left out
  }, 0.1);
  return calls * static_cast<double>(bytes);
}

std::vector<Stage> bench_drawing(const BenchSetup& setup) {
  const Renderer renderer(setup.checkpoint);
  const std::string text = bench_text(8192);
  const double copies = copy_rate(kCanvasBytes) / kCanvasBytes;
  std::vector<Stage> stages;
  stages.push_back({.name = "layout and draw",
                    .level = {},
                    .unit = "pages",
                    .rate = rate_of([&] { drawn_page(renderer, text); }),
                    .ceiling = "memory copy of the picture",
                    .ceiling_rate = copies,
                    .gflops = {}});
  const Page page = drawn_page(renderer, text);
  for (const Level level : setup.levels) {
    stages.push_back({.name = "shrink",
                      .level = level,
                      .unit = "pages",
                      .rate = rate_of([&] { shrink(page, level); }, 0.2),
                      .ceiling = "memory copy of the picture",
                      .ceiling_rate = copies,
                      .gflops = {}});
  }
  return stages;
}

std::vector<Stage> bench_store(const BenchSetup& setup) {
  const BenchFolder folder(setup.folder);
  const StoreRates rates = measure_store(folder.path());
  return {{.name = "store insert",
           .level = {},
           .unit = "pages",
           .rate = rates.inserts,
           .ceiling = "bare SQLite insert of the same bytes",
           .ceiling_rate = rates.bare_inserts,
           .gflops = {}},
          {.name = "search among " + std::to_string(rates.pages),
           .level = {},
           .unit = "queries",
           .rate = rates.searches,
           .ceiling = "bare FTS5 and a product with every embedding",
           .ceiling_rate = rates.bare_searches,
           .gflops = {}}};
}

std::vector<Stage> bench_codec(const BenchSetup& setup) {
  const Renderer renderer(setup.checkpoint);
  const Codec codec(setup.checkpoint, setup.codec);
  const Page drawn = drawn_page(renderer, bench_text(8192));
  const auto text_tokens = static_cast<int>(count_text_tokens(drawn.text));
  const std::string products = "bare matrix products of the same shapes";
  std::vector<Stage> stages;
  for (const Level level : setup.levels) {
    const Page page = shrink(drawn, level);
    std::vector<VisionTokens> tokens;
    const double encoded = rate_of([&] { tokens = codec.encode({&page, 1}); }, 1.0);
    const Ceiling encoding = encoding_ceiling(setup.checkpoint, level);
    stages.push_back({"encode", level, "pages", encoded, products, 1 / encoding.seconds,
                      encoding.gflop / encoding.seconds});
    const double read = rate_of([&] { codec.decode(tokens); }, 1.0);
    const Ceiling reading = reading_ceiling(setup.checkpoint, level, Density::d106, text_tokens);
    stages.push_back({"read", level, "pages", read, products, 1 / reading.seconds,
                      reading.gflop / reading.seconds});
  }
  return stages;
}

}  // namespace fovea::memctl
