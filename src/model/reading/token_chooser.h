#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/text_units.h"
#include "model/checkpoint/config.h"
#include "model/decoder.h"
#include "model/tokenizer/tokenizer.h"

namespace fovea {

struct ChosenToken {
  int id = 0;
  float log_probability = 0;  ///< among the tokens that were allowed
};

/// Greedy choice of a row's next token: only tokens with text, and only those that the row has room
/// for. Const and thread-safe after construction.
class TokenChooser {
 public:
  /// The decoder must outlive it. `alphabet`: as for `next_unit`.
  TokenChooser(const Decoder& decoder, const Tokenizer& tokenizer, const CodePoints& alphabet);

  /// `hidden`: [n, d] float32, the decoder's final states. `room`: [n] cells left in each token's
  /// row, at least 1. `may_end`: the end of the row is a choice too.
  std::vector<ChosenToken> choose(const at::Tensor& hidden, std::span<const int> room,
                                  bool may_end) const;
  /// The `count` likeliest of each, the best first; fewer where fewer are allowed.
  std::vector<std::vector<ChosenToken>> choose_several(const at::Tensor& hidden,
                                                       std::span<const int> room, int count) const;

 private:
  at::Tensor scores_of(const at::Tensor& logits, std::span<const int> room) const;
  void choose_some(const at::Tensor& hidden, std::span<const int> room, bool may_end,
                   std::vector<ChosenToken>& chosen) const;
  void forbid_wide(at::Tensor& scores, std::span<const int> room) const;
  ChosenToken best_exactly(const at::Tensor& scores, const ChosenToken& roughly, float doubt,
                           const at::Tensor& hidden) const;

  const Decoder& decoder_;
  std::int64_t vocabulary_;  // ids below this may have text
  int widest_ = 1;           // cells of the widest token
  at::Tensor
      forbidden_;  // [widest, vocabulary]: row r has -infinity for what needs more than r cells
  bool some_without_text_ = false;
};

}  // namespace fovea
