#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "fovea/level.h"

namespace fovea {

/// How finely places are told apart.
struct Cycles {
  double low, high;  ///< of the slowest and the fastest wave over one unit
};

/// Sines and cosines of values: `n` / 2 waves, their frequencies evenly spaced on a logarithmic
/// scale. `v`: any shape, float32. Returns [..., n]: all sines, then all cosines.
at::Tensor sine_features(const at::Tensor& v, std::int64_t n, Cycles cycles);

/// Features of places (x, y): those of y, then those of x, `n` / 2 each. `x`, `y`: one shape.
at::Tensor place_features(const at::Tensor& x, const at::Tensor& y, std::int64_t n, Cycles cycles);

/// Centres of a page's columns (rows) on the canvas, 0..1.
std::vector<float> column_centres(const Grid& grid, int columns);
std::vector<float> row_centres(const Grid& grid);

}  // namespace fovea
