#pragma once

#include <string>

#include <nanobind/ndarray.h>

#include "fovea/level.h"
#include "fovea/picture.h"

namespace fovea::python {

using Picture2D = nanobind::ndarray<const std::uint8_t, nanobind::ndim<2>, nanobind::c_contig,
                                    nanobind::device::cpu>;

/// A page's picture as the caller gave it: an array, looked at where it lies, or a PIL image,
/// turned to gray. `what` names it in errors. Throws TypeError for another type, dtype or number of
/// axes.
Picture2D picture_of(const nanobind::handle& given, const std::string& what);

/// A colour picture, copied, as the caller gave it: a uint8 array [height, width, 3] or a PIL
/// image, turned to RGB. Throws TypeError for another type, dtype or shape.
Picture colour_picture_of(const nanobind::handle& given);

/// Throws Error(invalid_argument) unless both sides are those of a level.
Level level_of_side(std::size_t height, std::size_t width, const std::string& what);

}  // namespace fovea::python
