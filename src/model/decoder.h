#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/operators/packed_matrix.h"
#include "model/probe.h"

namespace fovea {

/// Keys and values of a prefix that all rows share. Immutable; cheap to copy.
struct PrefixCache {
  std::int64_t length = 0;         ///< P
  std::vector<at::Tensor> keys;    ///< a layer: [kv_heads, P, head_dim] float32 or compute type
  std::vector<at::Tensor> values;  ///< a layer: [kv_heads, P, head_dim]
};

struct ReplayedStep;

/// Keys and values of R rows, each with a length of its own. Memory for `capacity` tokens a row is
/// taken once. Not thread-safe.
class RowCache {
 public:
  std::int64_t rows() const { return static_cast<std::int64_t>(lengths_.size()); }
  std::int64_t capacity() const { return capacity_; }
  const std::vector<std::int64_t>& lengths() const { return lengths_; }  ///< tokens held, a row

  /// Forgets a row's tokens from `length` on: how a rejected draft is taken back.
  void rewind(std::int64_t row, std::int64_t length);
  /// Has row `to` hold what row `from` holds.
  void copy(std::int64_t from, std::int64_t to);
  /// Keeps these rows, which are in ascending order; the others are done.
  void keep(std::span<const std::int64_t> rows);
  /// Makes room for rows of `capacity` tokens, should there be less.
  void reserve(std::int64_t capacity);

 private:
  friend class Decoder;
  std::int64_t capacity_ = 0;
  bool changes_ = false;  // rows leave all the time: a recording would not pay
  std::vector<std::int64_t> lengths_;
  std::vector<at::Tensor> keys_;    // a layer: [R, kv_heads, capacity, head_dim]
  std::vector<at::Tensor> values_;  // a layer: [R, kv_heads, capacity, head_dim]
  std::shared_ptr<ReplayedStep>
      replayed_;  // on a GPU; made of these tensors, gone when they change
};

/// The MoE language model. Const and thread-safe after construction (caches are the caller's).
class Decoder {
 public:
  /// Takes model.embed_tokens, model.layers.*, model.norm and lm_head from the checkpoint.
  Decoder(Checkpoint& checkpoint, const ModelConfig& config);
  ~Decoder();
  Decoder(Decoder&&) noexcept;

  const DecoderConfig& config() const;

  /// `ids`: int64, any shape. Returns float32 [..., d].
  at::Tensor embed(const at::Tensor& ids) const;
  /// The whole embedding table, as stored or of the compute type, [vocab, d].
  const at::Tensor& embedding_table() const;

  /// Runs a prefix, causal in itself, positions 0..P-1. `embeds`: [P, d].
  PrefixCache prefill(const at::Tensor& embeds) const;

  RowCache make_rows(std::int64_t rows, std::int64_t capacity) const;

  /// Runs B prefixes of one length at once, each causal in itself. `embeds`: [B, P, d].
  RowCache prefill_rows(const at::Tensor& embeds) const;
  /// Rows that begin with a copy of what a row of `prefixes` holds, `of` says which, and have room
  /// for `capacity` tokens more. On a GPU the rows of many pages then are one batch, although each
  /// page has a prefix of its own.
  RowCache make_rows_behind(const RowCache& prefixes, std::span<const std::int64_t> of,
                            std::int64_t capacity) const;

  /// Runs counts[r] more tokens of each row r. A token sees the whole prefix and its own row up to
  /// itself; its position is prefix.length + its place in the row. Lengths grow by the counts.
  /// `embeds`: [sum of counts, d], the tokens of a row one after another, row after row.
  /// Returns the hidden states after the final norm, float32 [sum of counts, d].
  /// Throws Error(invalid_argument) when a row would outgrow its capacity or the model's context.
  at::Tensor forward(const at::Tensor& embeds, const PrefixCache& prefix, RowCache& rows,
                     std::span<const std::int64_t> counts, const Probe& probe = {}) const;

  /// The same with T tokens for every row. `embeds`: [R, T, d]. Returns [R, T, d].
  at::Tensor forward_rows(const at::Tensor& embeds, const PrefixCache& prefix, RowCache& rows,
                          const Probe& probe = {}) const;

  /// `hidden`: [..., d]. Returns float32 [..., vocab].
  at::Tensor logits(const at::Tensor& hidden) const;
  /// The same for `hidden` [n, d], perhaps only nearly, in less time.
  RoughProduct rough_logits(const at::Tensor& hidden) const;
  /// The logits of some tokens alone, float32 [ids]. `hidden`: [d] float32; `ids`: int64. The tables
  /// are tied.
  at::Tensor logits_of(const at::Tensor& ids, const at::Tensor& hidden) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
