#pragma once

#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/decoder.h"
#include "model/tokenizer/tokenizer.h"

namespace fovea {

/// Text as one vector, for search: the sum of its tokens' word embeddings, rare tokens weighing
/// more (a / (a + share of the token in text, a = 1e-4)). Const and thread-safe after construction.
class SearchEmbedding {
 public:
  /// Takes model.token_frequency from the checkpoint; where it has none, all tokens weigh the same.
  /// Both others must outlive it.
  SearchEmbedding(Checkpoint& checkpoint, const Decoder& decoder, const Tokenizer& tokenizer);

  /// A unit vector [d]; zeros for a text without tokens.
  std::vector<float> embed(std::string_view text) const;

 private:
  const Decoder& decoder_;
  const Tokenizer& tokenizer_;
  at::Tensor weights_;  // [vocab] float32
};

}  // namespace fovea
