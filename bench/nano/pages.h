#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/page.h"

namespace fovea {

/// The first `count` pages of a text at a level, drawn with the glyphs of the checkpoint's atlas alone
/// (a build of the model alone has no fonts), beginning anew at another place where the text ends.
/// Throws Error(invalid_argument) for a text that does not fill a page.
std::vector<Page> drawn_pages(const std::string& checkpoint, std::string_view text, Density density,
                              Level level, std::size_t count);

}  // namespace fovea
