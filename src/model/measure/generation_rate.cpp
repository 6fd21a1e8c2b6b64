#include "fovea/bench.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>
#include <c10/core/InferenceMode.h>
#include <sys/resource.h>

#include "core/process_memory.h"
#include "model/loaded_model.h"
#include "model/placement.h"

namespace fovea {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Of several runs the fastest counts: the first reads weights from the disk, and machines are shared.
constexpr int kRuns = 3;

void keep_least(double& seconds, double of_this_run) {
  seconds = seconds ? std::min(seconds, of_this_run) : of_this_run;
}

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// Pages of stripes: what stands on them does not change the cost. [pages, channels, side, side].
at::Tensor striped_pages(const RateOptions& options, int channels, at::Device device) {
  const int side = side_of(options.level);
  const auto line = at::arange(side, at::kFloat).remainder(32).lt(16).to(at::kFloat) * 2 - 1;
  return (line.unsqueeze(0) * line.unsqueeze(1))
      .expand({options.pages, channels, side, side})
      .to(device)
      .contiguous();
}

/// [sequences, prompt tokens].
at::Tensor prompts(const RateOptions& options, int vocabulary) {
  const auto first = at::arange(options.sequences, at::kLong).unsqueeze(1) * 7 + 10;
  return (first + at::arange(options.prompt_tokens, at::kLong)).remainder(vocabulary);
}

class Meter {
 public:
  explicit Meter(const RateOptions& options) : options_(options) {}

  void load(const std::string& folder) {
    const Placement placement = placement_of(options_.codec);
    const auto start = Clock::now();
    model_.emplace(folder, placement);
    model_->load_encoder();
    model_->load_decoder();
    rates_.load_seconds = seconds_since(start);
    note_memory();
  }

  void encode() {
    const auto pages =
        striped_pages(options_, model_->config.sam.channels, model_->placement.device);
    const auto start = Clock::now();
    const auto features = model_->encoder->encode(pages).cpu();
    keep_least(rates_.encode_seconds, seconds_since(start));
    const auto first = features[0].contiguous();
    rates_.features.assign(first.data_ptr<float>(), first.data_ptr<float>() + first.numel());
    note_memory();
  }

  void answer() {
    const Decoder& decoder = *model_->decoder;
    auto input = decoder.embed(prompts(options_, decoder.config().vocab));  // [R, T, d]
    auto rows = decoder.make_rows(options_.sequences, options_.prompt_tokens + options_.new_tokens);
    std::vector<at::Tensor> ids;
    auto start = Clock::now();
    for (int step = 0; step < options_.new_tokens; ++step) {
      const auto hidden = decoder.forward_rows(input, {}, rows).select(1, -1);  // [R, d]
      const auto next = decoder.logits(hidden).argmax(-1);                      // [R]
      ids.push_back(next.cpu());  // a reader gets every token as it comes
      input = decoder.embed(next).unsqueeze(1);
      if (step == 0) {
        keep_least(rates_.prefill_seconds, seconds_since(start));
        start = Clock::now();
      }
    }
    keep_least(rates_.decode_seconds, seconds_since(start) / std::max(1, options_.new_tokens - 1));
    note_memory();
    const auto all = at::stack(ids, 1).contiguous();  // [R, new tokens]
    rates_.ids.assign(all.data_ptr<std::int64_t>(), all.data_ptr<std::int64_t>() + all.numel());
  }

  Rates rates() {
    rates_.peak_resident_bytes = peak_resident_bytes();
    return rates_;
  }

 private:
  void note_memory() {
    rates_.peak_anonymous_bytes = std::max(rates_.peak_anonymous_bytes, process_bytes("RssAnon"));
  }

  RateOptions options_;
  Rates rates_;
  std::optional<LoadedModel> model_;
};

}  // namespace

Rates measure_rates(const std::string& folder, const RateOptions& options) {
  c10::InferenceMode inference;
  Meter meter(options);
  meter.load(folder);
  for (int run = 0; run < kRuns; ++run) meter.encode();
  for (int run = 0; run < kRuns; ++run) meter.answer();
  return meter.rates();
}

}  // namespace fovea
