#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "fovea/level.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/layers.h"
#include "model/operators/argmax.h"
#include "model/reading/alphabet.h"

namespace fovea {

/// Names the character of a cell from its features. Without groups it weighs all classes at once.
/// With groups (`Alphabet::groups`) it weighs those before the first group and a gate for
/// each group: p(class) = p(gate of its group) p(class | group). A group is looked into only where
/// its gate leaves room for something better than what is found, so the choice among few candidates
/// is the one among all. Const and thread-safe.
class GlyphHead {
 public:
  /// Takes model.glyph_reader.head.* from the checkpoint.
  GlyphHead(Checkpoint& checkpoint, const GlyphReaderConfig& config, const Alphabet& alphabet);

  /// `features`: [n, features]. Returns float32 [n, classes]; for the classes see `Alphabet`.
  at::Tensor logits(const at::Tensor& features) const;

  /// The most probable class of each cell of pages. `features`: [B * rows * columns, features].
  Argmax see(const at::Tensor& features, const Grid& grid) const;

 private:
  struct Sight;

  at::Tensor hidden_of(const at::Tensor& features) const;
  Argmax see_row(const at::Tensor& features) const;
  Argmax see_all(const at::Tensor& features, const Grid& grid) const;
  Argmax see_grouped(const at::Tensor& features) const;
  Argmax see_at_once(const at::Tensor& features) const;
  void look_into(Sight& sight, const std::vector<std::vector<std::int64_t>>& cells) const;

  bool own_pieces_;
  Linear in_;
  bool gated_ = false;
  Linear first_;  // classes before the first group, then the gates; without groups the narrow ones
  std::vector<Linear> groups_;        // without groups the wide classes
  std::vector<std::int64_t> begins_;  // first class of each
};

}  // namespace fovea
