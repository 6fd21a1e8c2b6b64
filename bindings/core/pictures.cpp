#include "bindings/core/pictures.h"

#include "bindings/core/errors.h"
#include "bindings/core/text.h"

namespace fovea::python {

namespace nb = nanobind;

namespace {

/// `mode`: what a PIL image is turned to.
nb::object array_of(const nb::handle& given, const char* mode) {
  if (!nb::hasattr(given, "getbands")) return nb::borrow(given);
  return nb::module_::import_("numpy").attr("asarray")(given.attr("convert")(mode));
}

std::string as_str(const nb::object& object) {
  return nb::cast<std::string>(nb::steal(PyObject_Str(object.ptr())));
}

std::string described(const nb::handle& given) {
  std::string type = name_of_type(given);
  if (!nb::hasattr(given, "dtype") || !nb::hasattr(given, "shape")) return type;
  return type + " of dtype " + as_str(given.attr("dtype")) + " and shape " +
         as_str(given.attr("shape"));
}

}  // namespace

Picture2D picture_of(const nb::handle& given, const std::string& what) {
  const nb::object array = array_of(given, "L");
  Picture2D pixels;
  if (nb::try_cast(array, pixels, false)) return pixels;
  // Of the right kind, but not in one piece: this one has to be copied.
  nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::device::cpu> strided;
  if (nb::try_cast(array, strided, false) && nb::try_cast(array, pixels, true)) return pixels;
  raise_type_error(what + ": expected a uint8 array [side, side], a PIL image or a Page, got " +
                   described(given));
}

Picture colour_picture_of(const nb::handle& given) {
  const nb::object array = array_of(given, "RGB");
  nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu> rgb;
  nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::device::cpu> strided;
  // Converting may copy what is not in one piece, but no other dtype.
  if (!nb::try_cast(array, strided, false) || !nb::try_cast(array, rgb, true)) {
    raise_type_error("picture: expected a uint8 array [height, width, 3] or a PIL image, got " +
                     described(given));
  }
  Picture picture{static_cast<int>(rgb.shape(1)), static_cast<int>(rgb.shape(0)), {}};
  picture.rgb.assign(rgb.data(), rgb.data() + rgb.size());
  return picture;
}

Level level_of_side(std::size_t height, std::size_t width, const std::string& what) {
  std::string sides;
  for (const Level level : kLevels) {
    const auto side = static_cast<std::size_t>(side_of(level));
    if (height == side && width == side) return level;
    sides += (sides.empty() ? "" : ", ") + std::to_string(side);
  }
  throw Error(ErrorCode::invalid_argument,
              what + ": " + std::to_string(width) + " x " + std::to_string(height) +
                  " px; a page is square with a side of " + sides);
}

}  // namespace fovea::python
