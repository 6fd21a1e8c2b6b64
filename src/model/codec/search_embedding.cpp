#include "model/codec/search_embedding.h"

#include <cstdint>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

namespace fovea {
namespace {

constexpr double kCommonShare = 1e-4;  // a token of this share in text weighs one half

}  // namespace

SearchEmbedding::SearchEmbedding(Checkpoint& checkpoint, const Decoder& decoder,
                                 const Tokenizer& tokenizer)
    : decoder_(decoder), tokenizer_(tokenizer) {
  const std::string name = "model.token_frequency";
  const auto vocab = decoder.config().vocab;
  const auto frequency =
      checkpoint.has(name) ? checkpoint.table(name, {vocab}) : at::zeros({vocab}, at::kFloat);
  weights_ = kCommonShare / (kCommonShare + frequency);
}

std::vector<float> SearchEmbedding::embed(std::string_view text) const {
  std::vector<std::int64_t> ids;
  for (const int id : tokenizer_.encode(text))
    if (id < decoder_.config().vocab) ids.push_back(id);
  std::vector<float> out(decoder_.config().hidden);
  if (ids.empty()) return out;
  const auto index = at::tensor(ids).to(weights_.device());
  auto sum = at::matmul(weights_.index_select(0, index), decoder_.embed(index));  // [d]
  sum = (sum / sum.norm().clamp_min(1e-12)).cpu();
  std::copy_n(sum.data_ptr<float>(), out.size(), out.begin());
  return out;
}

}  // namespace fovea
