#include "model/row_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <ATen/TensorIndexing.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include "model/attention.h"
#include "model/operators/batched_product.h"
#include "model/operators/fused_operators.h"
#include "model/operators/row_kernels.h"

namespace fovea {
namespace {

/// Up to this many new tokens a row, loops beat many small products.
constexpr std::int64_t kTokensForLoops = 512;

/// The step's tokens as a [R, T] grid, T the largest count.
class TokenGrid {
 public:
  explicit TokenGrid(const RowStep& step)
      : rows_(step.rows()), tokens_(*std::max_element(step.counts.begin(), step.counts.end())) {
    if (rows_ * tokens_ == step.tokens()) return;  // no gaps
    std::vector<std::int64_t> cell;
    for (std::size_t i = 0; i < step.row.size(); ++i)
      cell.push_back(step.row[i] * tokens_ + step.place[i] - step.lengths[step.row[i]]);
    cells_ = at::tensor(cell, at::kLong);
  }

  std::int64_t tokens() const { return tokens_; }

  /// [N, x] -> [R * T, x], zeros in the gaps.
  at::Tensor spread(const at::Tensor& x) const {
    if (!cells_.defined()) return x;
    return at::zeros({rows_ * tokens_, x.size(1)}, x.options())
        .index_copy_(0, cells_.to(x.device()), x);
  }

  /// [R * T, x] -> [N, x].
  at::Tensor gather(const at::Tensor& x) const {
    return cells_.defined() ? x.index_select(0, cells_.to(x.device())) : x;
  }

 private:
  std::int64_t rows_, tokens_;
  at::Tensor cells_;  // [N] place in the grid, undefined when there are no gaps
};

/// Rotates the pairs (i, i + half) of every head. `x`: [..., heads, 2 * half]; `cos`, `sin`:
/// [..., 1, half].
at::Tensor apply_rope(const at::Tensor& cos, const at::Tensor& sin, const at::Tensor& x) {
  auto half = cos.size(-1);
  auto turned = at::empty(x.sizes(), x.options());
  auto a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
  auto first = turned.narrow(-1, 0, half), second = turned.narrow(-1, half, half);
  at::mul_out(first, a, cos).addcmul_(b, sin, -1);
  at::mul_out(second, b, cos).addcmul_(a, sin);
  return turned;
}

/// Puts new keys and values behind what the rows hold.
class Places {
 public:
  Places(const RowStep& step, at::Device device) : step_(step) {
    auto& lengths = step.lengths;
    if (std::all_of(lengths.begin(), lengths.end(), [&](auto n) { return n == lengths[0]; }))
      return;
    std::vector<std::int64_t> offset;
    for (std::size_t i = 0; i < step.row.size(); ++i)
      offset.push_back(step.place[i] - lengths[static_cast<std::size_t>(step.row[i])]);
    auto on_device = [&](const std::vector<std::int64_t>& x) { return at::tensor(x).to(device); };
    row_ = on_device(step.row);
    place_ = on_device(step.place);
    offset_ = on_device(offset);
  }

  /// `tokens`: [R, kv_heads, T, head_dim].
  void put(const at::Tensor& tokens, at::Tensor& cache) const {
    if (!row_.defined()) {
      cache.narrow(2, step_.lengths[0], tokens.size(2)).copy_(tokens);
      return;
    }
    // All rows at once: a GPU has thousands of them.
    cache.transpose(1, 2).index_put_({row_, place_}, tokens.transpose(1, 2).index({row_, offset_}));
    // Longer rows' places have weight 0 here, but 0 times what was never written may be NaN.
    for (std::int64_t row = 0; cache.is_cpu() && row < step_.rows(); ++row) {
      auto end = step_.lengths[row] + step_.counts[row];
      cache[row].narrow(1, end, step_.longest() - end).zero_();
    }
  }

 private:
  const RowStep& step_;
  at::Tensor row_, place_, offset_;  // [N] of each token; undefined when all rows are as long
};

}  // namespace

RowAttention::RowAttention(const DecoderConfig& config, const Placement& placement)
    : placement_(placement),
      heads_(config.heads),
      kv_heads_(config.kv_heads),
      head_dim_(config.head_dim()) {
  auto exponent = at::arange(0, head_dim_, 2, at::kFloat) / static_cast<double>(head_dim_);
  auto frequency = at::pow(config.rope_theta, exponent).reciprocal();  // [head_dim / 2]
  auto position = at::arange(config.max_positions, at::kFloat);
  auto angle = position.unsqueeze(1) * frequency;  // [max_positions, head_dim / 2]
  cos_ = angle.cos().to(placement.device);
  sin_ = angle.sin().to(placement.device);
}

at::Tensor RowAttention::operator()(const at::Tensor& qkv, const RowStep& step,
                                    LayerCache& cache) const {
  auto most = *std::max_element(step.counts.begin(), step.counts.end());
  auto loops = cache.keys.is_cpu() && most <= kTokensForLoops;
  auto input = qkv.to(cache.keys.scalar_type());
  return loops ? by_loops(input, step, cache) : by_products(input, step, cache);
}

at::Tensor RowAttention::by_loops(const at::Tensor& qkv, const RowStep& step,
                                  LayerCache& cache) const {
  auto n = qkv.size(0), p = step.prefix;
  RowShape shape{heads_, kv_heads_, head_dim_, cache.keys.size(2)};
  auto q = at::empty({heads_, n, head_dim_}, qkv.options());
  apply_rope(shape, step, qkv.data_ptr<float>(), cos_.data_ptr<float>(), sin_.data_ptr<float>(),
             q.data_ptr<float>(), cache.keys.data_ptr<float>(), cache.values.data_ptr<float>());

  auto out = at::empty({n, heads_ * head_dim_}, qkv.options());
  auto *keys = cache.keys.data_ptr<float>(), *values = cache.values.data_ptr<float>();
  if (!p) {
    attend_rows(shape, step, q.data_ptr<float>(), keys, values, out.data_ptr<float>());
    return out;
  }
  auto stride = p + step.longest();
  auto scores = at::empty({heads_, n, stride}, qkv.options());
  auto from_prefix = at::empty_like(q);
  auto group = heads_ / kv_heads_ * n;  // queries that meet the same keys
  auto prefix_scores = scores.view({kv_heads_, group, stride}).narrow(2, 0, p);
  multiply_batches(q.view({kv_heads_, group, head_dim_}), cache.prefix_keys.transpose(1, 2),
                   prefix_scores, placement_);
  attention_weights(shape, step, q.data_ptr<float>(), keys, stride, scores.data_ptr<float>());
  multiply_batches(prefix_scores, cache.prefix_values,
                   from_prefix.view({kv_heads_, group, head_dim_}), placement_);
  weighted_values(shape, step, scores.data_ptr<float>(), stride, values,
                  from_prefix.data_ptr<float>(), out.data_ptr<float>());
  return out;
}

/// `x`: [R, T, heads, head_dim]; `positions`: [R, T].
at::Tensor RowAttention::rotate(const at::Tensor& x, const at::Tensor& positions) const {
  auto rows = [&](const at::Tensor& table) {
    return table.index_select(0, positions.flatten())
        .view({x.size(0), x.size(1), 1, head_dim_ / 2})
        .to(x.scalar_type());
  };
  return apply_rope(rows(cos_), rows(sin_), x);
}

at::Tensor RowAttention::by_products(const at::Tensor& qkv, const RowStep& step,
                                     LayerCache& cache) const {
  TokenGrid grid(step);
  auto r = step.rows(), t = grid.tokens();
  auto heads = grid.spread(qkv).view({r, t, heads_ + 2 * kv_heads_, head_dim_});
  auto lengths = at::tensor(step.lengths, at::kLong).unsqueeze(1);
  auto places = (lengths + at::arange(t, at::kLong)).to(qkv.device());              // [R, T]
  auto positions = (places + step.prefix).clamp_max_(cos_.size(0) - 1);  // gaps may go beyond
  auto turned = rotate(heads.narrow(2, 0, heads_ + kv_heads_), positions);
  auto k = turned.narrow(2, heads_, kv_heads_).transpose(1, 2);  // [R, kv_heads, T, head_dim]
  auto v = heads.narrow(2, heads_ + kv_heads_, kv_heads_).transpose(1, 2);
  const Places at_end(step, qkv.device());
  at_end.put(k, cache.keys);
  at_end.put(v, cache.values);
  auto scale = 1 / std::sqrt(static_cast<double>(head_dim_));
  auto q = turned.narrow(2, 0, heads_).transpose(1, 2);  // [R, heads, T, head_dim]
  if (step.starts() && heads_ == kv_heads_) {  // gaps come last, so no token sees them
    if (auto out = flash_attention(q, k, v, scale, /*causal=*/true))
      return grid.gather(out->transpose(1, 2).reshape({r * t, heads_ * head_dim_}));
  }
  q = q * scale;
  auto out = at::empty({r, t, heads_, head_dim_}, qkv.options());
  auto longest = *std::max_element(step.lengths.begin(), step.lengths.end());
  auto tile_size = queries_per_tile(q, r * heads_, step.prefix + step.longest());
  for (std::int64_t i = 0; i < t; i += tile_size) {
    auto n = std::min(tile_size, t - i);
    auto keys = std::min(longest + i + n, step.longest());
    auto part = tile(q.narrow(2, i, n), places.narrow(1, i, n), cache, step.prefix, keys);
    out.narrow(1, i, n).copy_(part.transpose(1, 2));
  }
  return grid.gather(out.view({r * t, heads_ * head_dim_}));
}

/// `q`: [R, heads, n, head_dim], scaled; `places`: [R, n] in their rows; `keys`: the own tokens that
/// any of these queries sees. Returns [R, heads, n, head_dim].
at::Tensor RowAttention::tile(const at::Tensor& q, const at::Tensor& places,
                              const LayerCache& cache, std::int64_t prefix,
                              std::int64_t keys) const {
  auto r = q.size(0), n = q.size(2), group = heads_ / kv_heads_ * n;
  auto own = [&](const at::Tensor& x) { return x.narrow(2, 0, keys).flatten(0, 1); };
  // The prefix is met by all rows at once: [R * kv_heads, group, x] <-> [kv_heads, R * group, x].
  auto swap = [](const at::Tensor& x, std::int64_t from, std::int64_t to) {
    return x.reshape({from, to, -1, x.size(2)}).transpose(0, 1).reshape({to, -1, x.size(2)});
  };
  auto queries = q.reshape({r * kv_heads_, group, head_dim_});
  auto scores = at::bmm(queries, own(cache.keys).transpose(1, 2)).view({r, heads_, n, keys});
  auto hidden = at::arange(keys, places.options()) > places.unsqueeze(-1);  // [R, n, keys]
  scores.masked_fill_(hidden.unsqueeze(1), -std::numeric_limits<float>::infinity());
  scores = scores.view({r * kv_heads_, group, keys});
  if (prefix) {
    auto to_prefix = at::bmm(swap(queries, r, kv_heads_), cache.prefix_keys.transpose(1, 2));
    auto back = swap(to_prefix, kv_heads_, r).reshape({r * kv_heads_, group, prefix});
    scores = at::cat({back, scores}, -1);
  }
  auto weights = at::softmax(scores, -1, at::kFloat).to(q.scalar_type());
  auto out = at::bmm(weights.narrow(2, prefix, keys), own(cache.values));
  if (prefix) {
    auto prefix_weights = weights.narrow(2, 0, prefix).contiguous();
    auto from_prefix = at::bmm(swap(prefix_weights, r, kv_heads_), cache.prefix_values);
    out = out + swap(from_prefix, kv_heads_, r).reshape_as(out);
  }
  return out.reshape({r, heads_, n, head_dim_});
}

TokenEach RowAttention::one_token_each(const at::Tensor& places, std::int64_t keys,
                                       at::ScalarType type) const {
  auto all = [&](std::int64_t n) { return at::arange(n, places.options()); };
  auto turn = [&](const at::Tensor& table) {
    return table.index_select(0, places).unsqueeze(1).to(type);  // [R, 1, head_dim / 2]
  };
  auto r = places.size(0);
  auto unseen = (all(keys) > places.unsqueeze(1)).unsqueeze(1).expand({r, kv_heads_, keys});
  auto mask = at::zeros({r * kv_heads_, 1, keys}, places.options().dtype(type))
                  .masked_fill_(unseen.reshape({r * kv_heads_, 1, keys}),
                                -std::numeric_limits<float>::infinity());
  return {places, all(r), turn(cos_), turn(sin_), mask, keys};
}

at::Tensor RowAttention::operator()(const at::Tensor& qkv, const TokenEach& step,
                                    LayerCache& cache) const {
  auto r = qkv.size(0), group = heads_ / kv_heads_;
  auto heads = qkv.view({r, heads_ + 2 * kv_heads_, head_dim_});
  auto turned = apply_rope(step.cos, step.sin, heads.narrow(1, 0, heads_ + kv_heads_));
  auto put = [&](at::Tensor& into, const at::Tensor& tokens) {  // tokens: [R, kv_heads, head_dim]
    into.transpose(1, 2).index_put_({step.rows, step.places}, tokens);
  };
  put(cache.keys, turned.narrow(1, heads_, kv_heads_));
  put(cache.values, heads.narrow(1, heads_ + kv_heads_, kv_heads_));

  auto seen = [&](const at::Tensor& x) { return x.narrow(2, 0, step.keys).flatten(0, 1); };
  auto q = turned.narrow(1, 0, heads_).reshape({r * kv_heads_, group, head_dim_});
  auto scores = at::baddbmm(step.mask.expand({r * kv_heads_, group, step.keys}), q,
                            seen(cache.keys).transpose(1, 2), 1,
                            1 / std::sqrt(static_cast<double>(head_dim_)));
  return at::bmm(at::softmax(scores, -1), seen(cache.values)).view({r, heads_ * head_dim_});
}

}  // namespace fovea
