#pragma once

#include <string>

namespace fovea {

/// The characters that an atlas is made of, newline and tab first, without the space; narrow and
/// wide ones mixed.
std::u32string atlas_characters();

}  // namespace fovea
