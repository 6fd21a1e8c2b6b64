#pragma once

#include <string_view>

#include "fovea/picture.h"

namespace fovea {

/// The orientation (1 to 8) that an EXIF block gives, with or without its "Exif" header; 1 when it
/// gives none.
int orientation_of(std::string_view exif);

/// Turned and mirrored so that the picture of this EXIF orientation stands upright.
Picture upright(Picture picture, int orientation);

}  // namespace fovea
