#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// libpng takes memory for what a chunk says it holds, up to 2 GiB, before it is there. Returns what
/// is wrong with a PNG file that has no room for one of its chunks, otherwise nothing; what is no
/// PNG at all is libpng's to refuse.
std::string fault_of_png_chunks(std::string_view bytes);

}  // namespace fovea
