#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "renderer/area_shrink.h"

namespace fovea {

struct GrayPicture {
  Size size;
  std::vector<std::uint8_t> pixels;  ///< [height, width], 0 = black
};

/// Reads any PNG as 8-bit gray. `check` sees the size before memory is taken for the pixels and
/// throws when it will not do. Throws Error(not_found | io | corruption) naming the file.
GrayPicture read_gray_png(const std::string& path, const std::function<void(Size)>& check);

}  // namespace fovea
