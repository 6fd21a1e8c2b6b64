#include "model/glyph_reader.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ATen.h>

#include "model/batched_product.h"
#include "model/in_pieces.h"
#include "model/place_features.h"

namespace fovea {
namespace {

/// Logarithm of the least probability of a right half that the cell before it may be a wide
/// character with: a probability that is not worth a thought.
constexpr float kMayBeRightHalf = -11.0f;

}  // namespace

struct GlyphReader::Addresses {
  std::int64_t most = 0;  ///< cells of the fullest token
  at::Tensor weights;  ///< [tokens, most, slots] compute type, zeros where a token has fewer cells
  at::Tensor slot;     ///< [rows * columns] int64 index into [tokens * most]
  at::Tensor place;    ///< [rows * columns, address_hidden] for the refiner
};

GlyphReader::GlyphReader(Checkpoint& checkpoint, const GlyphReaderConfig& config,
                         std::int64_t width, const Alphabet& alphabet)
    : config_(config) {
  const std::string name = "model.glyph_reader.";
  const auto exact = [&](const std::string& part, std::int64_t out, std::int64_t in) {
    return Linear({checkpoint.table(name + part + ".weight", {out, in}), {}},
                  checkpoint.table(name + part + ".bias", {out}));
  };
  norm_ = load_layer_norm(checkpoint, name + "norm", width, 1e-5);
  slots_ = load_linear(checkpoint, name + "slots", config.slots * config.features, width);
  address_in_ = exact("address.0", config.address_hidden, config.address_features);
  address_out_ = exact("address.2", config.slots, config.address_hidden);
  if (config.refiner_hidden) refiner_.emplace(checkpoint, name + "refiner", config);
  head_in_ = load_linear(checkpoint, name + "head.0", config.hidden, config.features);
  auto weight = checkpoint.matrix(name + "head.2.weight", {alphabet.classes(), config.hidden});
  if (weight.is_mapped()) weight = {weight.dense(), {}, {}};
  const auto bias = checkpoint.weight(name + "head.2.bias", {alphabet.classes()});
  const auto part = [&](std::int64_t first, std::int64_t count) {
    return Linear({weight.values.narrow(0, first, count),
                   weight.is_int8() ? weight.scales.narrow(0, first, count) : at::Tensor(),
                   {},
                   weight.product_type},
                  bias.narrow(0, first, count));
  };
  head_narrow_ = part(0, alphabet.first_wide());
  head_wide_ = part(alphabet.first_wide(), alphabet.classes() - alphabet.first_wide());
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
  made->place = at::gelu(address_in_(places.to(device)));
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

at::Tensor GlyphReader::features(const at::Tensor& tokens, const Grid& grid) const {
  const int token_grid = static_cast<int>(std::lround(std::sqrt(tokens.size(0))));
  const Addresses& cells = addresses(token_grid, grid);
  const auto slots = slots_(norm_(tokens)).view({tokens.size(0), config_.slots, config_.features});
  auto by_token = at::empty({tokens.size(0), cells.most, config_.features}, slots.options());
  multiply_batches(cells.weights, slots, by_token);
  const auto by_cell = by_token.flatten(0, 1).index_select(0, cells.slot).to(at::kFloat);
  const bool crowded = grid.rows * grid.columns > tokens.size(0) * config_.slots;
  return refiner_ ? (*refiner_)(by_cell, cells.place, crowded) : by_cell;
}

at::Tensor GlyphReader::logits(const at::Tensor& features) const {
  const auto hidden = at::gelu(head_in_(features));
  return at::cat({head_narrow_(hidden), head_wide_(hidden)}, -1).to(at::kFloat);
}

BestScores GlyphReader::see(const at::Tensor& features, const Grid& grid) const {
  if (!head_narrow_.packed()) return best_scores(logits(features));
  const auto cells = static_cast<std::size_t>(features.size(0));
  BestScores all{std::vector<std::int64_t>(cells), std::vector<float>(cells),
                 std::vector<float>(cells)};
  in_pieces(grid.rows, 1, [&](std::int64_t row, std::int64_t) {
    const auto first = row * grid.columns;
    const BestScores seen = see_row(features.narrow(0, first, grid.columns));
    std::copy(seen.index.begin(), seen.index.end(), all.index.begin() + first);
    std::copy(seen.score.begin(), seen.score.end(), all.score.begin() + first);
    std::copy(seen.log_probability.begin(), seen.log_probability.end(),
              all.log_probability.begin() + first);
  });
  return all;
}

/// `features`: [columns, features] of one row of the page.
BestScores GlyphReader::see_row(const at::Tensor& features) const {
  const auto hidden = at::gelu(head_in_(features));
  const auto narrow = head_narrow_(hidden);  // [columns, narrow classes]
  BestScores best = best_scores(narrow);
  const auto scores = narrow.accessor<float, 2>();
  std::vector<std::int64_t> cells;
  for (std::int64_t next = 1; next < narrow.size(0); ++next) {
    const float all = best.score[next] - best.log_probability[next];  // log of the sum of exp
    if (scores[next][Alphabet::kRightHalf] - all > kMayBeRightHalf) cells.push_back(next - 1);
  }
  if (cells.empty() || !head_wide_.out()) return best;
  const BestScores wide = best_scores(head_wide_(hidden.index_select(0, at::tensor(cells))));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto cell = cells[i];
    const float a = best.score[cell] - best.log_probability[cell];
    const float b = wide.score[i] - wide.log_probability[i];
    const float all = std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
    if (wide.score[i] > best.score[cell]) {
      best.index[cell] = head_narrow_.out() + wide.index[i];
      best.score[cell] = wide.score[i];
    }
    best.log_probability[cell] = std::min(0.0f, best.score[cell] - all);
  }
  return best;
}

}  // namespace fovea
