// What a checkpoint does on this machine, for scripts that compare it with other programs and for
// builds that have the model alone: prints one JSON document. `memctl model bench` shows the same.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "fovea/bench.h"

namespace {

constexpr const char* kUsage =
    "usage: model_rates CHECKPOINT [OPTIONS]\n"
    "OPTIONS is a JSON object; its keys: level, pages, sequences, prompt_tokens, new_tokens, device,\n"
    "weights, precision, features (a file for the first page's vision tokens, float32).\n";

using nlohmann::json;

fovea::RateOptions rate_options(const json& given) {
  fovea::RateOptions options;
  options.level = fovea::level_from_name(given.value("level", "base"));
  options.pages = given.value("pages", options.pages);
  options.sequences = given.value("sequences", options.sequences);
  options.prompt_tokens = given.value("prompt_tokens", options.prompt_tokens);
  options.new_tokens = given.value("new_tokens", options.new_tokens);
  options.codec.device = given.value("device", options.codec.device);
  options.codec.weights = fovea::weights_from_name(given.value("weights", "stored"));
  options.codec.precision = fovea::precision_from_name(given.value("precision", "auto"));
  return options;
}

void write_features(const std::string& path, const std::vector<float>& features) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(features.data()),
             static_cast<std::streamsize>(features.size() * sizeof(float)));
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 2 || count > 3) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const json given = json::parse(count > 2 ? arguments[2] : "{}");
  const fovea::Rates rates = fovea::measure_rates(arguments[1], rate_options(given));
  if (given.contains("features")) write_features(given["features"], rates.features);
  const json result = {{"load_seconds", rates.load_seconds},
                       {"encode_seconds", rates.encode_seconds},
                       {"prefill_seconds", rates.prefill_seconds},
                       {"decode_seconds", rates.decode_seconds},
                       {"ids", rates.ids},
                       {"peak_anonymous_bytes", rates.peak_anonymous_bytes},
                       {"peak_resident_bytes", rates.peak_resident_bytes}};
  std::puts(result.dump().c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "model_rates: %s\n", error.what());
  return 1;
}
