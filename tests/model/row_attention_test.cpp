// Two ways to the same attention: for any rows, and for one token each as a GPU's recording has it.
#include "tests/model/torch_and_doctest.h"

#include "model/row_attention.h"

namespace {

using fovea::LayerCache;
using fovea::RowAttention;
using fovea::RowStep;

constexpr std::int64_t kRows = 3, kCapacity = 20;

fovea::DecoderConfig config(int kv_heads) {
  fovea::DecoderConfig config;
  config.hidden = 64;
  config.heads = 4;
  config.kv_heads = kv_heads;
  config.max_positions = 64;
  return config;
}

LayerCache empty_cache(const fovea::DecoderConfig& config) {
  const auto make = [&] {
    return at::zeros({kRows, config.kv_heads, kCapacity, config.head_dim()});
  };
  return {.prefix_keys = {}, .prefix_values = {}, .keys = make(), .values = make()};
}

at::Tensor random_qkv(const fovea::DecoderConfig& config, std::int64_t tokens) {
  return at::randn({tokens, (config.heads + 2 * config.kv_heads) * config.head_dim()});
}

}  // namespace

TEST_CASE("row attention: one token for each row is a step like any other") {
  at::manual_seed(3);
  for (const int kv_heads : {4, 2}) {
    const auto sizes = config(kv_heads);
    const RowAttention attention(sizes, {});
    auto cache = empty_cache(sizes);
    attention(random_qkv(sizes, 9), RowStep(0, {0, 0, 0}, {5, 3, 1}), cache);
    LayerCache other{.prefix_keys = {}, .prefix_values = {}, .keys = cache.keys.clone(),
                     .values = cache.values.clone()};

    const auto next = random_qkv(sizes, kRows);
    const auto expected = attention(next, RowStep(0, {5, 3, 1}, {1, 1, 1}), cache);
    const auto places = at::tensor({5, 3, 1}, at::kLong);
    const auto each = attention.one_token_each(places, 16, at::kFloat);
    const auto found = attention(next, each, other);
    CHECK((found - expected).abs().max().item<float>() < 1e-5f);
    CHECK((other.keys - cache.keys).abs().max().item<float>() < 1e-6f);
    CHECK((other.values - cache.values).abs().max().item<float>() < 1e-6f);
  }
}

TEST_CASE("row attention: many new tokens of rows of different lengths, as a GPU takes them") {
  at::manual_seed(4);
  auto sizes = config(2);
  sizes.max_positions = 600;
  const RowAttention attention(sizes, {});
  const auto cache_for = [&] {  // of places that were never written
    const auto make = [&] { return at::full({kRows, sizes.kv_heads, 530, sizes.head_dim()}, NAN); };
    return LayerCache{.prefix_keys = {}, .prefix_values = {}, .keys = make(), .values = make()};
  };
  const auto start = random_qkv(sizes, 9), next = random_qkv(sizes, 528);
  auto at_once = cache_for(), in_parts = cache_for();
  for (auto* cache : {&at_once, &in_parts})
    attention(start, RowStep(0, {0, 0, 0}, {5, 3, 1}), *cache);
  // More tokens than loops take.
  const auto found = attention(next, RowStep(0, {5, 3, 1}, {520, 7, 1}), at_once);
  const auto some = [&](std::int64_t from, std::int64_t count) {
    return next.narrow(0, from, count);
  };
  const auto first = attention(at::cat({some(0, 300), some(520, 8)}),
                               RowStep(0, {5, 3, 1}, {300, 7, 1}), in_parts);
  const auto second = attention(some(300, 220), RowStep(0, {305, 10, 2}, {220, 0, 0}), in_parts);
  const auto expected = at::cat({first.narrow(0, 0, 300), second, first.narrow(0, 300, 8)});
  CHECK((found - expected).abs().max().item<float>() < 1e-5f);
}
