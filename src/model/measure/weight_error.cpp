#include "fovea/bench.h"

#include <random>
#include <tuple>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>
#include <c10/core/InferenceMode.h>

#include "model/loaded_model.h"
#include "model/placement.h"

namespace fovea {
namespace {

constexpr double kClearLead = 1;  // nats

std::vector<std::int64_t> random_ids(int tokens, int vocabulary) {
  std::mt19937 random(1);
  std::vector<std::int64_t> ids;
  for (int i = 0; i < tokens; ++i) ids.push_back(random() % vocabulary);
  return ids;
}

/// [tokens, vocab] float32 on the CPU.
at::Tensor logits_of(const std::string& folder, int tokens, const CodecOptions& options) {
  LoadedModel model(folder, placement_of(options));
  model.load_decoder();
  const Decoder& decoder = *model.decoder;
  const auto ids = at::tensor(random_ids(tokens, model.config.decoder.vocab), at::kLong);
  auto rows = decoder.make_rows(1, tokens);
  return decoder.logits(decoder.forward(decoder.embed(ids), {}, rows, {{tokens}})).cpu();
}

}  // namespace

WeightError measure_int8_error(const std::string& folder, int tokens, CodecOptions codec) {
  c10::InferenceMode inference;
  codec.weights = Weights::stored;
  const auto stored = logits_of(folder, tokens, codec);
  codec.weights = Weights::int8;
  const auto light = logits_of(folder, tokens, codec);

  const auto p = stored.log_softmax(-1), q = light.log_softmax(-1);
  const auto best = std::get<0>(p.topk(2, -1));  // [tokens, 2]
  const auto clear = (best.select(1, 0) - best.select(1, 1)).ge(kClearLead);
  const auto same = stored.argmax(-1).eq(light.argmax(-1));
  WeightError error;
  error.tokens = tokens;
  error.logits_off = ((light - stored).norm() / stored.norm()).item<double>();
  error.divergence = (p.exp() * (p - q)).sum(-1).mean().item<double>();
  error.same_choice = same.to(at::kDouble).mean().item<double>();
  error.clear = static_cast<int>(clear.sum().item<std::int64_t>());
  if (error.clear)
    error.clear_same = same.logical_and(clear).sum().item<double>() / error.clear;
  return error;
}

}  // namespace fovea
