#include "model/generation_rate.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <sys/resource.h>

#include "model/checkpoint.h"
#include "model/config.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/placement.h"
#include "model/sequence.h"

namespace fovea {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// 0 where the system does not say.
std::uint64_t anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("RssAnon:")) continue;
    std::uint64_t kilobytes = 0;
    std::istringstream(line.substr(8)) >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// A page of stripes: what stands on it does not change the cost. [1, channels, side, side].
at::Tensor striped_page(int channels, int side) {
  const auto line = at::arange(side, at::kFloat).remainder(32).lt(16).to(at::kFloat) * 2 - 1;
  return (line.unsqueeze(0) * line.unsqueeze(1)).expand({1, channels, side, side});
}

}  // namespace

Rates measure_rates(const std::string& folder, const RateOptions& options) {
  c10::InferenceMode inference;
  Rates rates;
  const auto note_memory = [&] {
    rates.peak_anonymous_bytes = std::max(rates.peak_anonymous_bytes, anonymous_bytes());
  };
  const Placement placement = placement_of(options.codec);
  auto start = Clock::now();
  const ModelConfig config = read_config(folder + "/config.json");
  Checkpoint checkpoint(folder, placement);
  const DeepEncoder encoder(checkpoint, config);
  const Decoder decoder(checkpoint, config);
  rates.load_seconds = seconds_since(start);
  note_memory();

  const auto page = striped_page(config.sam.channels, side_of(options.level));
  for (int run = 0; run < 2; ++run) {  // the first reads the weights in from the disk
    start = Clock::now();
    encoder.encode(page);
    rates.encode_seconds = seconds_since(start);
    note_memory();
  }

  std::vector<std::int64_t> prompt;
  for (int i = 0; i < options.prompt_tokens; ++i)
    prompt.push_back((10 + i) % config.decoder.vocab);
  const auto embeds = decoder.embed(at::tensor(prompt, at::kLong));
  for (int run = 0; run < 2; ++run) {
    GenerateOptions generation;
    generation.max_tokens = options.new_tokens;
    generation.end_id = -1;
    generation.ngram.size = 0;
    start = Clock::now();
    Clock::time_point first;
    generation.observe = [&](std::int64_t step, const at::Tensor&) {
      if (step == 0) first = Clock::now();
      note_memory();
    };
    rates.ids = generate(decoder, embeds, generation);
    rates.prefill_seconds = std::chrono::duration<double>(first - start).count();
    rates.decode_seconds = seconds_since(first) / std::max(1, options.new_tokens - 1);
  }
  rates.peak_resident_bytes = peak_resident_bytes();
  return rates;
}

}  // namespace fovea
