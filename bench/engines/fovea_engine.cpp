// Fovea as one of the engines that bench/engines/compare.py puts side by side: answers requests, a
// line of JSON each, until its input ends. It calls the parts of the codec by themselves, so that
// their outputs can be compared and drafts turned off.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include "fovea/codec.h"
#include "fovea/error.h"
#include "model/loaded_model.h"
#include "model/placement.h"
#include "model/reading/line_reader.h"

namespace fovea {
namespace {

using nlohmann::json;
using Lengths = std::vector<std::vector<int>>;

constexpr const char* kUsage =
    "usage: fovea_engine CHECKPOINT THREADS auto|fp32\n"
    "Reads requests from its input: {\"do\": \"encode\", \"level\", \"pages\", \"pixels\": FILE,\n"
    "\"row_lengths\", \"packed\": bool, \"features\": FILE to write} or {\"do\": \"read\", \"level\",\n"
    "\"pages\", \"vectors\": FILE, \"row_lengths\", \"draft\": bool}.\n";

/// The parts of the codec that read pages, loaded as `Codec` loads them.
struct Parts : LoadedModel {
  Parts(const std::string& folder, const CodecOptions& options)
      : LoadedModel(folder, placement_of(options)) {
    load_tokenizer();
    load_encoder();
    if (options.precision == Precision::automatic && placement.has_tiles())
      checkpoint->compute_in(at::kFloat);
    load_decoder();
    reader.emplace(*checkpoint, config, *encoder, *decoder, *tokenizer);
  }
  std::optional<LineReader> reader;
};

class Engine {
 public:
  Engine(const std::string& folder, const CodecOptions& options)
      : parts_(folder, options), codec_(folder, options) {}

  json answer(const json& request) {
    return request.at("do") == "encode" ? encode(request) : read(request);
  }

 private:
  json encode(const json& request) {
    const Level level = level_from_name(request.at("level").get<std::string>());
    const std::string& bytes = file(request.at("pixels"));
    const int count = request.at("pages"), side = side_of(level);
    if (request.value("packed", false)) {
      const Lengths lengths = request.at("row_lengths");
      std::vector<PagePixels> pages;
      for (int i = 0; i < count; ++i)
        pages.push_back(
            {level, Density::d106, {pixels_of(bytes, i, side), size(side)}, lengths[i]});
      return timed([&] { codec_.encode(pages); });
    }
    std::vector<at::Tensor> features;
    json result = timed([&] {
      for (int i = 0; i < count; ++i) {
        const auto page = at::from_blob(const_cast<std::uint8_t*>(pixels_of(bytes, i, side)),
                                        {1, 1, side, side}, at::kByte);
        features.push_back(parts_.encoder->encode((page.to(at::kFloat) / 255.0 - 0.5) / 0.5));
      }
    });
    if (request.contains("features")) {
      const auto all = at::cat(features).contiguous();
      std::ofstream(request["features"].get<std::string>(), std::ios::binary)
          .write(reinterpret_cast<const char*>(all.data_ptr<float>()),
                 static_cast<std::streamsize>(all.nbytes()));
    }
    return result;
  }

  json read(const json& request) {
    const Level level = level_from_name(request.at("level").get<std::string>());
    const std::string& bytes = file(request.at("vectors"));
    const Lengths lengths = request.at("row_lengths");
    const std::int64_t count = request.at("pages"), width = parts_.config.decoder.hidden;
    const auto vectors = at::from_blob(const_cast<char*>(bytes.data()),
                                       {count, token_count(level), width}, at::kFloat);
    ReadingCost cost;
    json texts = json::array();
    json result = timed([&] {
      for (std::int64_t i = 0; i < count; ++i) {
        json rows = json::array();
        for (const RowReading& row :
             parts_.reader->read(vectors[i], Density::d106, lengths[static_cast<std::size_t>(i)],
                                 {.draft = request.at("draft")}, &cost))
          rows.push_back(row.text);
        texts.push_back(std::move(rows));
      }
    });
    result["texts"] = std::move(texts);
    result["tokens"] = cost.kept;
    return result;
  }

  static std::size_t size(int side) { return static_cast<std::size_t>(side) * side; }
  static const std::uint8_t* pixels_of(const std::string& bytes, int page, int side) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data()) + size(side) * page;
  }

  static json timed(const std::function<void()>& work) {
    const std::clock_t before = std::clock();
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return {{"seconds", seconds.count()},
            {"processor_seconds", static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC}};
  }

  const std::string& file(const std::string& path) {
    std::string& bytes = files_[path];
    if (bytes.empty()) {
      std::ifstream stream(path, std::ios::binary);
      if (!stream) throw Error(ErrorCode::not_found, path + " does not exist");
      bytes.assign(std::istreambuf_iterator<char>(stream), {});
    }
    return bytes;
  }

  Parts parts_;
  Codec codec_;
  std::map<std::string, std::string> files_;  // by path
};

}  // namespace
}  // namespace fovea

int main(int count, char** arguments) try {
  if (count != 4) {
    std::fputs(fovea::kUsage, stderr);
    return 2;
  }
  const c10::InferenceMode inference;
  fovea::CodecOptions options;
  options.device = "cpu";
  options.threads = std::stoi(arguments[2]);
  options.precision = fovea::precision_from_name(arguments[3]);
  fovea::Engine engine(arguments[1], options);
  std::cout << nlohmann::json({{"ready", "Fovea"}}) << std::endl;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << engine.answer(nlohmann::json::parse(line)) << std::endl;
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fovea_engine: %s\n", error.what());
  return 1;
}
