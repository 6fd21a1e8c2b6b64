#include "model/operators/bf16_attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mm.h>

#include "model/kernels/softmax.h"
#include "model/operators/in_pieces.h"

namespace fovea {
namespace {

/// Scores of a tile: they and the products' copies stay in a core's second cache.
constexpr std::int64_t kScoresAtOnce = 1 << 18;

}  // namespace

at::Tensor attend_in_bf16(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                          const AxisBias& bias) {
  const auto heads = q.size(0), n = q.size(1), dim = q.size(2);
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(dim)));
  const auto in_tile = std::clamp<std::int64_t>(kScoresAtOnce / n, 1, n);
  const auto tiles = (n + in_tile - 1) / in_tile;
  auto out = at::empty_like(q);
  in_pieces(heads * tiles, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> row(n);
    for (auto i = begin; i < end; ++i) {
      const auto z = i / tiles, first = i % tiles * in_tile, count = std::min(in_tile, n - first);
      auto scores = at::mm(q[z].narrow(0, first, count), k[z].t());  // [count, n]
      auto sums = at::empty({count, 1}, at::kFloat);
      auto* words = static_cast<std::uint16_t*>(scores.data_ptr());
      for (std::int64_t r = 0; r < count; ++r)
        sums.data_ptr<float>()[r] = softmax_weights_bf16(words + r * n, n, scale,
                                                         values_of(bias, z, first + r), row.data());
      out[z].narrow(0, first, count).copy_(at::mm(scores, v[z]).to(at::kFloat).div_(sums));
    }
  });
  return out;
}

}  // namespace fovea
