#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "fovea/level.h"
#include "model/reading/line_reader.h"
#include "model/token_code.h"

namespace fovea {

/// A page of cells as its reader sees it.
struct PageShape {
  Density density;
  std::span<const int> row_lengths;  ///< empty: not known
};

/// For each page the rate of fewest bytes at which the glyph reader sees what it sees without
/// rounding, or nearly: text that readers cannot guess (hanzi, hashes) gets more bytes than prose.
/// Looks at a few rows; a page that has little there takes the last rate.
/// `features`: [B, n, d] float32; `pages`: [B].
std::vector<std::size_t> choose_rates(const TokenCode& code, const LineReader& reader,
                                      const at::Tensor& features, std::span<const PageShape> pages);

}  // namespace fovea
