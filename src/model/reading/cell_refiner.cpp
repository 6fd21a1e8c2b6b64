#include "model/reading/cell_refiner.h"

#include <cstdint>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty_like.h>

#include "model/operators/in_pieces.h"

namespace fovea {
namespace {

constexpr std::int64_t kCellsRefined = 256;

}  // namespace

CellRefiner::CellRefiner(Checkpoint& checkpoint, const std::string& name,
                         const GlyphReaderConfig& config)
    : own_pieces_(checkpoint.placement().threads_own_pieces()),
      norm_(load_layer_norm(checkpoint, name + ".norm", config.features, 1e-5)),
      cell_(load_linear(checkpoint, name + ".cell", config.refiner_hidden, config.features)),
      place_(
          {checkpoint.table(name + ".place.weight", {config.refiner_hidden, config.address_hidden}),
           {}},
          checkpoint.placement()),
      out_(load_linear(checkpoint, name + ".out", config.features, config.refiner_hidden)) {
  if (config.refiner_layers > 1) {
    deeper_ = load_linear(checkpoint, name + ".deeper", config.refiner_hidden,
                          config.refiner_hidden);
  }
}

at::Tensor CellRefiner::refined(const at::Tensor& features, const at::Tensor& place,
                                bool crowded) const {
  auto hidden = activated(cell_(norm_(features)) + place_(place), Activation::gelu);
  if (crowded && deeper_) hidden = hidden + deeper_->activated(hidden, Activation::gelu);
  return features + out_(hidden);
}

at::Tensor CellRefiner::operator()(const at::Tensor& features, const at::Tensor& place,
                                   bool crowded) const {
  if (!own_pieces_) return refined(features, place, crowded).to(at::kFloat);
  auto all = at::empty_like(features);
  for (std::int64_t page = 0; page < features.size(0); ++page) {
    in_pieces(features.size(1), kCellsRefined, [&](std::int64_t begin, std::int64_t end) {
      const auto piece = [&](const at::Tensor& x) { return x.narrow(0, begin, end - begin); };
      piece(all[page]).copy_(refined(piece(features[page]), piece(place), crowded));
    });
  }
  return all;
}

}  // namespace fovea
