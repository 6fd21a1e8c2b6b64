#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include <ATen/core/Tensor.h>

#include "fovea/level.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/layers.h"
#include "model/reading/alphabet.h"
#include "model/reading/cell_refiner.h"
#include "model/reading/glyph_head.h"

namespace fovea {

/// Sees every cell of a page in one pass. A vision token gives a number of slots, each a feature
/// vector; a cell's features are the mean of the slots of the token that covers it, weighted by a
/// softmax that depends only on the cell's place inside the token's square, and refined.
/// Thread-safe.
class GlyphReader {
 public:
  /// Takes model.glyph_reader.* from the checkpoint.
  GlyphReader(Checkpoint& checkpoint, const GlyphReaderConfig& config, std::int64_t width,
              const Alphabet& alphabet);
  ~GlyphReader();

  /// `tokens`: [B, g * g, d] float32, of B pages, as stored; `rows`: of the grid, empty: all.
  /// Returns float32 [B * rows * columns, features], row-major, page after page.
  at::Tensor features(const at::Tensor& tokens, const Grid& grid,
                      std::span<const int> rows = {}) const;

  /// `features`: [n, features]. Returns float32 [n, classes]; for the classes see `Alphabet`.
  at::Tensor logits(const at::Tensor& features) const { return head_.logits(features); }

  /// The most probable class of each cell of pages. `features`: [B * rows * columns, features].
  Argmax see(const at::Tensor& features, const Grid& grid) const {
    return head_.see(features, grid);
  }

 private:
  /// Which token covers a cell, and with what weights its slots are read: of one grid of tokens and
  /// one of cells.
  struct Addresses;
  const Addresses& addresses(int token_grid, const Grid& grid) const;
  std::unique_ptr<Addresses> make_addresses(int token_grid, const Grid& grid) const;

  GlyphReaderConfig config_;
  Placement placement_;
  LayerNorm norm_;
  Linear slots_;                     // [slots * features, d]
  Linear address_in_, address_out_;  // float32
  std::optional<CellRefiner> refiner_;
  GlyphHead head_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<int, int>, std::unique_ptr<Addresses>> made_;  // by tokens, columns
};

}  // namespace fovea
