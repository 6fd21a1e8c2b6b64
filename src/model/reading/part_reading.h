#pragma once

#include <functional>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/reading/line_reader.h"

namespace fovea {

/// Reads rows of a page as they are asked for. `tokens`, `row_lengths`: as for `LineReader::read`.
/// `next`: the rows to read next, those that are read already left out; none: it ends.
PartRead read_part(const LineReader& reader, const at::Tensor& tokens, Density density,
                   std::span<const int> row_lengths,
                   const std::function<std::vector<int>(const PartRead&)>& next);

}  // namespace fovea
