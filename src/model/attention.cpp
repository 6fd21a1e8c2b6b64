#include "model/attention.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <ATen/ATen.h>

#include "model/fused_operators.h"
#include "model/in_pieces.h"
#include "model/tile_attention.h"
#include "model/tile_product.h"

namespace fovea {
namespace {

/// Scores in one tile: on a CPU what fits its cache, on a GPU what keeps it busy.
std::int64_t tile_scores(const at::Tensor& q) { return q.is_cuda() ? 64 << 20 : 1 << 20; }

constexpr std::int64_t kQueriesInPiece = 96;

/// `qkv`: [B, N, 3 * width] contiguous.
at::Tensor attention_in_tiles(const at::Tensor& qkv, std::int64_t heads) {
  auto batch = qkv.size(0), n = qkv.size(1), stride = qkv.size(2), width = stride / 3;
  auto dim = width / heads;
  auto* from = qkv.data_ptr<float>();
  auto out = at::empty({batch, n, width}, qkv.options());
  auto* to = out.data_ptr<float>();
  std::vector<std::optional<HeadPanels>> all(batch * heads);
  in_pieces(batch * heads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      auto* keys = from + i / heads * n * stride + width + i % heads * dim;
      all[i].emplace(keys, keys + width, stride, n, dim);
    }
  });
  auto blocks = (n + kQueriesInPiece - 1) / kQueriesInPiece;
  in_pieces(batch * heads * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      auto head = i / blocks, first = i % blocks * kQueriesInPiece;
      auto row = head / heads * n + first, column = head % heads * dim;
      all[head]->attend(from + row * stride + column, stride, std::min(kQueriesInPiece, n - first),
                        to + row * width + column, width);
    }
  });
  return out;
}

}  // namespace

std::int64_t queries_per_tile(const at::Tensor& q, std::int64_t batch, std::int64_t keys) {
  return std::max<std::int64_t>(1, tile_scores(q) / std::max<std::int64_t>(1, batch * keys));
}

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const ScoreBias& bias) {
  auto batch = q.size(0), queries = q.size(1), keys = k.size(1);
  auto scaled = q * (1.0 / std::sqrt(static_cast<double>(q.size(2))));
  auto k_t = k.transpose(1, 2);  // [Z, head_dim, keys]
  auto out = at::empty_like(q);
  auto batch_step = std::clamp<std::int64_t>(tile_scores(q) / (queries * keys), 1, batch);
  auto query_step = std::min(queries, queries_per_tile(q, batch_step, keys));
  for (std::int64_t z = 0; z < batch; z += batch_step) {
    auto nz = std::min(batch_step, batch - z);
    for (std::int64_t i = 0; i < queries; i += query_step) {
      auto n = std::min(query_step, queries - i);
      auto scores = at::bmm(scaled.narrow(0, z, nz).narrow(1, i, n), k_t.narrow(0, z, nz));
      if (bias) bias(scores, z, i);
      auto weights = at::softmax(scores, -1, at::kFloat).to(v.scalar_type());
      out.narrow(0, z, nz).narrow(1, i, n).copy_(at::bmm(weights, v.narrow(0, z, nz)));
    }
  }
  return out;
}

at::Tensor self_attention(const at::Tensor& qkv, std::int64_t heads) {
  if (qkv.is_cpu() && qkv.scalar_type() == at::kFloat && tiles_pay())
    return attention_in_tiles(qkv.contiguous(), heads);
  auto b = qkv.size(0), n = qkv.size(1), dim = qkv.size(2) / (3 * heads);
  auto parts = qkv.view({b, n, 3, heads, dim}).permute({2, 0, 3, 1, 4});  // [3, B, heads, N, dim]
  auto scale = 1 / std::sqrt(static_cast<double>(dim));
  if (auto out = flash_attention(parts[0], parts[1], parts[2], scale))
    return out->transpose(1, 2).reshape({b, n, heads * dim});
  auto [q, k, v] = split_heads(qkv, heads);
  return merge_heads(attend(q, k, v), heads);
}

HeadSplit split_heads(const at::Tensor& qkv, std::int64_t heads) {
  auto b = qkv.size(0), n = qkv.size(1), dim = qkv.size(2) / (3 * heads);
  auto parts = qkv.view({b, n, 3, heads, dim}).permute({2, 0, 3, 1, 4}).contiguous();
  parts = parts.view({3, b * heads, n, dim});
  return {parts[0], parts[1], parts[2]};
}

at::Tensor merge_heads(const at::Tensor& x, std::int64_t heads) {
  auto b = x.size(0) / heads, n = x.size(1), dim = x.size(2);
  return x.view({b, heads, n, dim}).permute({0, 2, 1, 3}).reshape({b, n, heads * dim});
}

}  // namespace fovea
