#pragma once

#include <cstddef>
#include <span>

#include <ATen/core/Tensor.h>

#include "fovea/level.h"
#include "model/reading/line_reader.h"
#include "model/token_code.h"

namespace fovea {

/// The rate of fewest bytes at which the glyph reader sees what it sees without rounding, or nearly:
/// text that readers cannot guess (hanzi, hashes) gets more bytes than prose. Looks at a few rows; a page
/// that has little there takes the last rate.
/// `features`: [n, d] float32 of a page, on any device; `row_lengths`: of its rows, empty: not known.
std::size_t choose_rate(const TokenCode& code, const LineReader& reader, const at::Tensor& features,
                        Density density, std::span<const int> row_lengths);

}  // namespace fovea
