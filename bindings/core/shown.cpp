#include "bindings/core/shown.h"

#include <cstdio>

namespace fovea::python {

namespace nb = nanobind;

std::string shown(const std::string& text, int characters) {
  // A character has four bytes at most: what is cut off here is not shown.
  const bool long_text = text.size() > static_cast<std::size_t>(characters) * 4;
  const nb::object whole =
      nb::cast(long_text ? text.substr(0, static_cast<std::size_t>(characters) * 4) : text);
  const bool is_cut = long_text || PyUnicode_GET_LENGTH(whole.ptr()) > characters;
  const nb::object begin = nb::steal(PyUnicode_Substring(whole.ptr(), 0, characters));
  return nb::cast<std::string>(nb::object(nb::repr(begin))) + (is_cut ? "..." : "");
}

std::string grouped(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string rounded(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", number);
  return text;
}

nb::object image_of_png(const nb::bytes& png) {
  const nb::object stream = nb::module_::import_("io").attr("BytesIO")(png);
  return nb::module_::import_("PIL.Image").attr("open")(stream);
}

nb::object image_of_array(const nb::handle& array) {
  return nb::module_::import_("PIL.Image").attr("fromarray")(array);
}

}  // namespace fovea::python
