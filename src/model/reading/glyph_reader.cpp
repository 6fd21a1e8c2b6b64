#include "model/reading/glyph_reader.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_unique.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include "model/operators/batched_product.h"
#include "model/reading/place_features.h"

namespace fovea {

struct GlyphReader::Addresses {
  std::int64_t most = 0;  ///< cells of the fullest token
  at::Tensor weights;  ///< [tokens, most, slots] compute type, zeros where a token has fewer cells
  at::Tensor slot;     ///< [rows * columns] int64 index into [tokens * most]
  at::Tensor place;    ///< [rows * columns, address_hidden] for the refiner
};

GlyphReader::GlyphReader(Checkpoint& checkpoint, const GlyphReaderConfig& config,
                         std::int64_t width, const Alphabet& alphabet)
    : config_(config), placement_(checkpoint.placement()), head_(checkpoint, config, alphabet) {
  const std::string name = "model.glyph_reader.";
  const auto exact = [&](const std::string& part, std::int64_t out, std::int64_t in) {
    return Linear({checkpoint.table(name + part + ".weight", {out, in}), {}},
                  checkpoint.table(name + part + ".bias", {out}), checkpoint.placement());
  };
  norm_ = load_layer_norm(checkpoint, name + "norm", width, 1e-5);
  slots_ = load_linear(checkpoint, name + "slots", config.slots * config.features, width);
  address_in_ = exact("address.0", config.address_hidden, config.address_features);
  address_out_ = exact("address.2", config.slots, config.address_hidden);
  if (config.refiner_hidden) refiner_.emplace(checkpoint, name + "refiner", config);
}

GlyphReader::~GlyphReader() = default;

std::unique_ptr<GlyphReader::Addresses> GlyphReader::make_addresses(int token_grid,
                                                                    const Grid& grid) const {
  const auto x = column_centres(grid, grid.columns), y = row_centres(grid);
  std::vector<std::int64_t> used(token_grid * token_grid), rank, token;
  std::vector<float> offset_x, offset_y;
  for (const float cell_y : y) {
    for (const float cell_x : x) {
      const float token_x = cell_x * static_cast<float>(token_grid);
      const float token_y = cell_y * static_cast<float>(token_grid);
      token.push_back(static_cast<int>(token_y) * token_grid + static_cast<int>(token_x));
      rank.push_back(used[token.back()]++);
      offset_x.push_back(token_x - std::floor(token_x));
      offset_y.push_back(token_y - std::floor(token_y));
    }
  }
  auto made = std::make_unique<Addresses>();
  made->most = *std::max_element(used.begin(), used.end());
  const auto places =
      place_features(at::tensor(offset_x), at::tensor(offset_y), config_.address_features,
                     {config_.address_min_cycles, config_.address_max_cycles});
  const auto device = norm_.weight.device();
  made->place = address_in_.activated(places.to(device), Activation::gelu);
  const auto scores = address_out_(made->place);
  const auto weights = at::softmax(scores * config_.address_scale, -1);  // [cells, slots]
  made->slot = (at::tensor(token) * made->most + at::tensor(rank)).to(device);
  made->weights =
      at::zeros({token_grid * token_grid * made->most, config_.slots}, weights.options())
          .index_copy_(0, made->slot, weights)
          .view({-1, made->most, config_.slots})
          .to(slots_.type());
  return made;
}

const GlyphReader::Addresses& GlyphReader::addresses(int token_grid, const Grid& grid) const {
  const std::lock_guard lock(mutex_);
  auto& entry = made_[{token_grid, grid.columns}];
  if (!entry) entry = make_addresses(token_grid, grid);
  return *entry;
}

at::Tensor GlyphReader::features(const at::Tensor& tokens, const Grid& grid,
                                 std::span<const int> rows) const {
  const int token_grid = static_cast<int>(std::lround(std::sqrt(tokens.size(1))));
  const Addresses& cells = addresses(token_grid, grid);
  at::Tensor used = tokens, weights = cells.weights, slot = cells.slot, place = cells.place;
  if (!rows.empty()) {
    const std::vector<std::int64_t> numbers(rows.begin(), rows.end());
    const auto chosen = at::tensor(numbers, at::kLong).to(slot.device());
    slot = slot.view({grid.rows, grid.columns}).index_select(0, chosen).flatten();
    place = place.view({grid.rows, grid.columns, -1}).index_select(0, chosen).flatten(0, 1);
    // Only the tokens that cover these rows.
    const auto [covering, number] =
        at::_unique(slot.floor_divide(cells.most), /*sorted=*/true, /*return_inverse=*/true);
    slot = number * cells.most + slot.remainder(cells.most);
    used = used.index_select(1, covering);
    weights = weights.index_select(0, covering);
  }
  // A place's weights are the same on all pages: their features stand side by side in one product.
  const auto pages = used.size(0), covered = used.size(1), wide = pages * config_.features;
  const auto slots = slots_(norm_(used))
                         .view({pages, covered, config_.slots, config_.features})
                         .permute({1, 2, 0, 3})
                         .reshape({covered, config_.slots, wide});
  auto by_token = at::empty({covered, cells.most, wide}, slots.options());
  multiply_batches(weights, slots, by_token, placement_);
  const auto by_cell = by_token.flatten(0, 1)
                           .index_select(0, slot)
                           .view({slot.size(0), pages, config_.features})
                           .transpose(0, 1)
                           .to(at::kFloat)
                           .contiguous();  // [B, cells, features]
  const bool crowded = grid.rows * grid.columns > tokens.size(1) * config_.slots;
  return (refiner_ ? (*refiner_)(by_cell, place, crowded) : by_cell).flatten(0, 1);
}

}  // namespace fovea
