#pragma once

#include <cstdint>

namespace fovea {

struct Size {
  int width;   ///< px
  int height;  ///< px
};

/// Shrinks a gray picture by exact area averaging: an output pixel is the mean of the input area
/// that it covers, in rational arithmetic, rounded half up once at the end.
/// `in`: [from.height, from.width]; `out`: [to.height, to.width]. Each axis keeps its size or is
/// divided by 5/4, 5/3, 2, 5/2, 10/3 or 5: the ratios of the levels and of the cells.
void shrink_area(const std::uint8_t* in, Size from, std::uint8_t* out, Size to);

}  // namespace fovea
