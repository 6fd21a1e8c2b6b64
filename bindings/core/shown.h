#pragma once

#include <string>

#include "bindings/core/text.h"

namespace fovea::python {

/// A text in a repr: quoted, its beginning only.
std::string shown(const std::string& text, int characters = 60);
/// 12345 as "12,345".
std::string grouped(std::size_t number);
/// 0.98765 as "0.988".
std::string rounded(double number);

/// `png` as a PIL image, and pixels as one without a copy. Both import Pillow.
nanobind::object image_of_png(const nanobind::bytes& png);
nanobind::object image_of_array(const nanobind::handle& array);

}  // namespace fovea::python
