#include "model/attention.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include "model/kernels/softmax.h"
#include "model/kernels/tile_attention.h"
#include "model/operators/batched_product.h"
#include "model/operators/fused_operators.h"
#include "model/operators/in_pieces.h"

namespace fovea {
namespace {

/// Scores in one tile: on a CPU what fits its cache, on a GPU what keeps it busy.
std::int64_t tile_scores(const at::Tensor& q) { return q.is_cuda() ? 64 << 20 : 1 << 20; }

/// Scores of a core's own: what fits its second cache.
constexpr std::int64_t kScoresAtOnce = 1 << 19;

constexpr std::int64_t kQueriesInPiece = 96;

double scale_of(std::int64_t head_dim) { return 1 / std::sqrt(static_cast<double>(head_dim)); }

/// A fused projection's output as [3, B, heads, N, head_dim], not copied.
at::Tensor by_head(const at::Tensor& qkv, std::int64_t heads) {
  auto b = qkv.size(0), n = qkv.size(1);
  return qkv.view({b, n, 3, heads, qkv.size(2) / (3 * heads)}).permute({2, 0, 3, 1, 4});
}

/// [B, heads, N, head_dim] -> [B, N, heads * head_dim].
at::Tensor merge_heads(const at::Tensor& x) { return x.transpose(1, 2).flatten(2); }

/// On a CPU in float32, with our own products. `qkv`: [B, N, 3 * width] contiguous.
at::Tensor attention_in_tiles(const at::Tensor& qkv, std::int64_t heads, const AxisBias& bias) {
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
                        values_of(bias, head, first), to + row * width + column, width);
    }
  });
  return out;
}

/// softmax(q k^T / sqrt(head_dim) + bias) but for the division by the weights' sums, [h, n, 1], which
/// it returns. `scores`: q k^T of heads from `head` and queries from `query` on, [h, n, keys].
at::Tensor make_weights(at::Tensor& scores, float scale, const AxisBias& bias, std::int64_t head,
                        std::int64_t query) {
  const auto heads = scores.size(0), n = scores.size(1), keys = scores.size(2);
  auto sums = at::empty({heads, n, 1}, at::kFloat);
  thread_local std::vector<float> floats;
  floats.resize(keys);
  for (std::int64_t i = 0; i < heads * n; ++i) {
    const auto added = values_of(bias, head + i / n, query + i % n);
    sums.data_ptr<float>()[i] =
        scores.scalar_type() == at::kFloat
            ? softmax_weights(scores.data_ptr<float>() + i * keys, keys, scale, added)
            : softmax_weights_bf16(static_cast<std::uint16_t*>(scores.data_ptr()) + i * keys, keys,
                                   scale, added, floats.data());
  }
  return sums;
}

/// On a CPU, with oneDNN's or libtorch's products: every thread has tiles of scores of its own, of
/// whole heads or of one head's queries, which stay in its cache. `q`, `k`, `v`: [Z, N, head_dim]
/// float32 or bfloat16, contiguous.
at::Tensor attend_on_cpu(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const AxisBias& bias) {
  const auto heads = q.size(0), n = q.size(1), dim = q.size(2);
  const auto scale = static_cast<float>(scale_of(dim));
  const auto heads_at_once = std::clamp<std::int64_t>(kScoresAtOnce / (n * n), 1, heads);
  const auto queries_at_once = std::clamp<std::int64_t>(kScoresAtOnce / n, 1, n);
  const auto tiles = (n + queries_at_once - 1) / queries_at_once;  // of a head
  auto out = at::empty_like(q);
  in_pieces(heads * tiles, tiles == 1 ? heads_at_once : 1,
            [&](std::int64_t begin, std::int64_t end) {
              const auto head = begin / tiles, count = tiles == 1 ? end - begin : 1;
              const auto query = begin % tiles * queries_at_once;
              const auto of_heads = [&](const at::Tensor& x) { return x.narrow(0, head, count); };
              const auto of_queries = [&](const at::Tensor& x) {
                return of_heads(x).narrow(1, query, std::min(queries_at_once, n - query));
              };
              const auto queries = of_queries(q);
              auto scores = at::empty({count, queries.size(1), n}, q.options());
              multiply_matrices(queries, of_heads(k).transpose(1, 2), scores);
              const auto sums = make_weights(scores, scale, bias, head, query);
              auto values = at::empty(queries.sizes(), at::kFloat);
              multiply_matrices(scores, of_heads(v), values);
              of_queries(out).copy_(values.div_(sums));
            });
  return out;
}

/// On a GPU in one fused operation. A bias goes into it as part of the product: each query goes on
/// with its bias for every row and column, each key with marks at its own row and column.
/// `parts`: [3, B, heads, N, head_dim]. Returns [B, heads, N, head_dim], or nothing.
std::optional<at::Tensor> attend_fused(const at::Tensor& parts, const AxisBias& bias) {
  if (!parts.is_cuda() || parts.scalar_type() != at::kBFloat16) return {};
  auto scale = scale_of(parts.size(4));
  if (!bias.is_there()) return flash_attention(parts[0], parts[1], parts[2], scale);
  auto b = parts.size(1), heads = parts.size(2), n = parts.size(3), side = bias.side();
  auto more = bias.marks.size(1);
  auto everywhere = [&](const at::Tensor& x) { return x.expand({b, heads, n, x.size(1)}); };
  auto each_head = [&](const at::Tensor& x) { return x.view({b, heads, n, side}); };
  auto blank = everywhere(bias.marks.narrow(1, 2 * side, more - 2 * side));
  auto q = at::cat({parts[0], each_head(bias.rows), each_head(bias.columns), blank}, 3);
  auto k = at::cat({parts[1], everywhere(bias.marks)}, 3);
  auto v = at::cat({parts[2], everywhere(at::zeros({1, 1}, parts.options()).expand({n, more}))}, 3);
  auto out = flash_attention(q, k, v, scale);
  if (!out) return {};
  return out->narrow(3, 0, parts.size(4));
}

/// On a GPU, with libtorch's operations one after another. `q`, `k`, `v`: [Z, N, head_dim].
at::Tensor attend_in_steps(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const AxisBias& bias) {
  auto batch = q.size(0), n = q.size(1);
  auto scaled = q * scale_of(q.size(2));
  auto k_t = k.transpose(1, 2);  // [Z, head_dim, N]
  auto out = at::empty_like(q);
  auto batch_step = std::clamp<std::int64_t>(tile_scores(q) / (n * n), 1, batch);
  auto query_step = std::min(n, queries_per_tile(q, batch_step, n));
  for (std::int64_t z = 0; z < batch; z += batch_step) {
    auto nz = std::min(batch_step, batch - z);
    for (std::int64_t i = 0; i < n; i += query_step) {
      auto ni = std::min(query_step, n - i);
      auto some = [&](const at::Tensor& x) { return x.narrow(0, z, nz).narrow(1, i, ni); };
      auto scores = at::bmm(some(scaled), k_t.narrow(0, z, nz));
      if (bias.is_there())
        scores.view({nz, ni, bias.side(), bias.side()})
            .add_(some(bias.rows).unsqueeze(3))
            .add_(some(bias.columns).unsqueeze(2));
      auto weights = at::softmax(scores, -1, at::kFloat).to(v.scalar_type());
      some(out).copy_(at::bmm(weights, v.narrow(0, z, nz)));
    }
  }
  return out;
}

}  // namespace

at::Tensor key_marks(std::int64_t side, std::int64_t head_dim, const at::TensorOptions& options) {
  // Scores are scaled as a whole, so a mark takes its scale back.
  auto place = at::eye(side, options) / scale_of(head_dim);
  auto marks = at::cat({place.repeat_interleave(side, 0), place.repeat({side, 1})}, 1);
  auto width = (head_dim + 2 * side + 7) / 8 * 8;
  return at::constant_pad_nd(marks, {0, width - head_dim - 2 * side});
}

std::int64_t queries_per_tile(const at::Tensor& q, std::int64_t batch, std::int64_t keys) {
  return std::max<std::int64_t>(1, tile_scores(q) / std::max<std::int64_t>(1, batch * keys));
}

at::Tensor queries_of(const at::Tensor& qkv, std::int64_t heads) {
  return by_head(qkv, heads)[0];
}

at::Tensor self_attention(const at::Tensor& qkv, std::int64_t heads, const Placement& placement,
                          const AxisBias& bias) {
  if (placement.has_tiles() && qkv.scalar_type() == at::kFloat)
    return attention_in_tiles(qkv.contiguous(), heads, bias);
  auto parts = by_head(qkv, heads);
  if (auto out = attend_fused(parts, bias)) return merge_heads(*out);
  auto flat = parts.flatten(1, 2).contiguous();  // [3, B * heads, N, head_dim]
  auto out = qkv.is_cpu() ? attend_on_cpu(flat[0], flat[1], flat[2], bias)
                          : attend_in_steps(flat[0], flat[1], flat[2], bias);
  return merge_heads(out.view({qkv.size(0), heads, qkv.size(1), -1}));
}

}  // namespace fovea
