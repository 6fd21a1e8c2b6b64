// What fovea-nano does on this machine in batches of pages: encoding and reading as `Codec` does them,
// how well the text is read, the bare products' share, and where the time goes. For a build of the
// model alone too, on a machine with a GPU. Prints one JSON document, and lines to stderr.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include "bench/nano/pages.h"
#include "core/whole_file.h"
#include "fovea/bench.h"
#include "fovea/codec.h"
#include "fovea/measure.h"
#include "model/loaded_model.h"
#include "model/placement.h"
#include "model/reading/page_reading.h"

namespace fovea {
namespace {

using nlohmann::json;

constexpr const char* kUsage =
    "usage: nano_rates CHECKPOINT TEXT [OPTIONS]\n"
    "OPTIONS is a JSON object; its keys: level, density, pages ([1, 8, 64]: how many at once), device,\n"
    "threads, seconds (of each measurement).\n";
constexpr std::size_t kMostText = 1 << 26;
constexpr std::int64_t kPeakSide = 8192;  // of the bare product that shows what the device can do

/// Waits until the device has done all that it was told.
void wait_for(at::Device device) { at::zeros({1}, device).cpu(); }

double seconds_of(at::Device device, const std::function<void()>& work) {
  wait_for(device);
  const auto start = std::chrono::steady_clock::now();
  work();
  wait_for(device);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The median of as many runs as the time allows, three at least, after one to warm up.
double median_seconds(at::Device device, double most, const std::function<void()>& work) {
  work();
  std::vector<double> all;
  for (double spent = 0; all.size() < 3 || spent < most; spent += all.back())
    all.push_back(seconds_of(device, work));
  std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
  return all[all.size() / 2];
}

/// The parts of the codec, loaded as `Codec` loads them.
struct Parts : LoadedModel {
  Parts(const std::string& folder, const CodecOptions& options)
      : LoadedModel(folder, placement_of(options)) {
    load_tokenizer();
    load_encoder();
    if (placement.has_tiles()) checkpoint->compute_in(at::kFloat);
    load_decoder();
    reader.emplace(*checkpoint, config, *encoder, *decoder, *tokenizer);
  }
  std::optional<LineReader> reader;
};

class Bench {
 public:
  Bench(const std::string& folder, std::string_view text, const json& options)
      : folder_(folder),
        level_(level_from_name(options.value("level", "tiny"))),
        density_(density_from_columns(options.value("density", 106))),
        seconds_(options.value("seconds", 1.0)),
        batches_(options.value("pages", std::vector<std::size_t>{1, 8, 64})),
        codec_(folder, codec_options(options)),
        parts_(folder, codec_options(options)) {
    const auto start = std::chrono::steady_clock::now();
    const std::size_t most = std::ranges::max(batches_);
    pages_ = drawn_pages(folder, text, density_, level_, most);
    draw_seconds_ =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
        static_cast<double>(most);
  }

  json run() {
    json result = {{"level", name_of(level_)},
                   {"density", columns_of(density_)},
                   {"threads", at::get_num_threads()},
                   {"device", device().str()},
                   {"draw_seconds_a_page", draw_seconds_},
                   {"batches", json::array()}};
    result["peak_gflops"] = peak_gflops();
    result["encode_gflop_a_page"] = encoding_ceiling(folder_, level_).gflop;
    for (const std::size_t count : batches_) {
      result["batches"].push_back(batch(count));
      const json& last = result["batches"].back();
      std::fprintf(stderr,
                   "%-5s %3d columns, %3zu pages at once: encode %8.1f pages/s, read %7.1f "
                   "pages/s, accuracy %.3f %%\n",
                   std::string(name_of(level_)).c_str(), columns_of(density_), count,
                   last["encode_pages_a_second"].get<double>(),
                   last["read_pages_a_second"].get<double>(), 100 * last["accuracy"].get<double>());
      std::fprintf(stderr, "      %s\n", last["parts_ms_a_page"].dump().c_str());
    }
    result["read_gflop_a_page"] =
        reading_ceiling(folder_, level_, density_, static_cast<int>(tokens_a_page_)).gflop;
    return result;
  }

 private:
  static CodecOptions codec_options(const json& options) {
    CodecOptions codec;
    codec.device = options.value("device", "auto");
    codec.threads = options.value("threads", 0);
    return codec;
  }
  static int columns_of(Density density) { return grid_of(density).columns; }
  at::Device device() const { return parts_.placement.device; }
  double median(const std::function<void()>& work) const {
    return median_seconds(device(), seconds_, work);
  }

  double peak_gflops() const {
    const std::int64_t n = device().is_cpu() ? 1024 : kPeakSide;
    const auto options = at::TensorOptions(device()).dtype(parts_.placement.compute);
    const auto a = at::randn({n, n}, options), b = at::randn({n, n}, options);
    const double seconds = median([&] { at::matmul(a, b); });
    return 2.0 * static_cast<double>(n * n) * static_cast<double>(n) / seconds / 1e9;
  }

  json batch(std::size_t count) {
    const std::span<const Page> pages(pages_.data(), count);
    std::vector<VisionTokens> tokens;
    std::vector<ReadPage> read;
    const double encode = median([&] { tokens = codec_.encode(pages); });
    const double decode = median([&] { read = codec_.decode(tokens); });
    double right = 0;
    for (std::size_t i = 0; i < count; ++i) right += accuracy(pages[i].text, read[i].text);
    const auto number = static_cast<double>(count);
    return {{"pages", count},
            {"encode_pages_a_second", number / encode},
            {"read_pages_a_second", number / decode},
            {"accuracy", right / number},
            {"parts_ms_a_page", parts(pages, tokens)}};
  }

  /// Milliseconds a page of what the two are made of, each part by itself and waited for.
  json parts(std::span<const Page> pages, const std::vector<VisionTokens>& tokens) {
    const LineReader& reader = *parts_.reader;
    const std::size_t count =
        device().is_cpu() ? 1
                          : std::min(pages.size(), reader.pages_at_once(tokens[0].count, density_));
    std::vector<at::Tensor> all, vectors;
    std::vector<int> lengths, rows;
    const int side = side_of(level_);
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(at::from_blob(const_cast<std::uint8_t*>(pages[i].pixels.data()),
                                  {1, side, side}, at::kByte));
      vectors.push_back(at::tensor(codec_.vectors(tokens[i])).view({-1, tokens[i].dim}));
      lengths.insert(lengths.end(), tokens[i].row_lengths.begin(), tokens[i].row_lengths.end());
    }
    const auto pixels = (at::stack(all).to(device()).to(at::kFloat) / 255.0 - 0.5) / 0.5;
    const auto values = at::stack(vectors).to(device());
    const Grid grid = grid_of(density_);
    rows.resize(lengths.size());
    std::iota(rows.begin(), rows.end(), 0);

    const auto number = static_cast<double>(count);
    json parts;
    const auto measure = [&](const char* name, const std::function<void()>& work) {
      parts[name] = 1000 * median(work) / number;
    };
    measure("pixels to the device", [&] { at::stack(all).to(device()); });
    measure("encoder", [&] { parts_.encoder->encode(pixels); });
    at::Tensor features;
    const GlyphReader& glyphs = reader.glyph_reader();
    measure("glyph reader: features", [&] { features = glyphs.features(values, grid); });
    measure("glyph reader: characters", [&] { glyphs.see(features, grid); });
    measure("prefix", [&] { parts_.decoder->prefill_rows(reader.prefixes(values)); });
    const PageSight sight(reader, values, grid);
    measure("first drafts, caches", [&] { PageReading(sight, rows, lengths, {}); });
    for (const float at_least : {0.85f, 0.5f, 0.1f}) {  // longer and longer drafts
      char name[80];
      std::snprintf(name, sizeof name, "first drafts, caches, steps; drafts of %.2f", at_least);
      ReadingCost cost;
      measure(name, [&] {
        PageReading reading(sight, rows, lengths, {.draft_at_least = at_least});
        while (reading.step()) {
        }
        cost = reading.cost();
      });
      std::snprintf(name, sizeof name, "drafts of %.2f", at_least);
      parts[name] = {{"steps", cost.passes},
                     {"tokens computed", cost.computed / number},
                     {"tokens kept", cost.kept / number}};
      tokens_a_page_ = cost.kept / number;
    }
    return parts;
  }

  std::string folder_;
  Level level_;
  Density density_;
  double seconds_;
  std::vector<std::size_t> batches_;
  Codec codec_;
  Parts parts_;
  std::vector<Page> pages_;
  double draw_seconds_ = 0;
  double tokens_a_page_ = 0;
};

}  // namespace
}  // namespace fovea

int main(int count, char** arguments) try {
  if (count < 3 || count > 4) {
    std::fputs(fovea::kUsage, stderr);
    return 2;
  }
  const c10::InferenceMode inference;
  const std::string text = fovea::read_whole_file(arguments[2], fovea::kMostText);
  fovea::Bench bench(arguments[1], text, nlohmann::json::parse(count > 3 ? arguments[3] : "{}"));
  std::puts(bench.run().dump().c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "nano_rates: %s\n", error.what());
  return 1;
}
