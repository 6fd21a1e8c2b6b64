#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint.h"
#include "model/config.h"
#include "model/probe.h"

namespace fovea {

/// Keys and values of a prefix that all rows share. Immutable; cheap to copy.
struct PrefixCache {
  std::int64_t length = 0;         ///< P
  std::vector<at::Tensor> keys;    ///< a layer: [kv_heads, P, head_dim] float32 or compute type
  std::vector<at::Tensor> values;  ///< a layer: [kv_heads, P, head_dim]
};

/// Keys and values of R rows, each with a length of its own. Memory for `capacity` tokens a row is
/// taken once. Not thread-safe.
class RowCache {
 public:
  std::int64_t rows() const { return static_cast<std::int64_t>(lengths_.size()); }
  std::int64_t capacity() const { return capacity_; }
  const std::vector<std::int64_t>& lengths() const { return lengths_; }  ///< tokens held, a row

  /// Forgets a row's tokens from `length` on: how a rejected draft is taken back.
  void rewind(std::int64_t row, std::int64_t length);
  /// Keeps these rows, in this order; the others are done.
  void keep(std::span<const std::int64_t> rows);

 private:
  friend class Decoder;
  std::int64_t capacity_ = 0;
  std::vector<std::int64_t> lengths_;
  std::vector<at::Tensor> keys_;    // a layer: [R, kv_heads, capacity, head_dim]
  std::vector<at::Tensor> values_;  // a layer: [R, kv_heads, capacity, head_dim]
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
  /// The whole embedding table, float32 or the compute type, [vocab, d].
  const at::Tensor& embedding_table() const;

  /// Runs a prefix, causal in itself, positions 0..P-1. `embeds`: [P, d].
  PrefixCache prefill(const at::Tensor& embeds) const;

  RowCache make_rows(std::int64_t rows, std::int64_t capacity) const;

  /// Runs up to T more tokens of each row. A token sees the whole prefix and its own row up to
  /// itself; token t of row r has position prefix.length + rows.lengths()[r] + t.
  /// `embeds`: [R, T, d]. `counts`: tokens of each row that are real (the first ones), empty: all
  /// T; the others are computed but leave no trace. Lengths grow by the counts.
  /// Returns the hidden state after the final norm, float32 [R, T, d].
  /// Throws Error(invalid_argument) when a row would outgrow its capacity.
  at::Tensor forward_rows(const at::Tensor& embeds, const PrefixCache& prefix, RowCache& rows,
                          std::span<const std::int64_t> counts = {},
                          const Probe& probe = {}) const;

  /// `hidden`: [..., d]. Returns float32 [..., vocab].
  at::Tensor logits(const at::Tensor& hidden) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
