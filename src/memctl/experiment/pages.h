#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "fovea/renderer.h"

namespace fovea::memctl {

/// The bytes of a text at which the pages begin that are read of it: `count` full ones, spread
/// evenly and none over another; all of its pages when `count` is 0 or it has no more. The last one
/// of all may be part-filled.
std::vector<std::size_t> page_starts(const Renderer& renderer, std::string_view text,
                                     Density density, std::size_t count);

}  // namespace fovea::memctl
