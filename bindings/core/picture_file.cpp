#include <mutex>

#include <nanobind/ndarray.h>

#include "bindings/core/module.h"
#include "bindings/core/pictures.h"
#include "bindings/core/shown.h"
#include "bindings/core/text.h"
#include "bindings/core/unlocked.h"

namespace fovea::python {
namespace {

/// Any thread may use it: reading pages takes turns.
struct PictureFileObject {
  explicit PictureFileObject(std::string path) : path(std::move(path)), file(this->path) {}
  const std::string path;
  PictureFile file;
  std::mutex turn;

  Picture page(int number) {
    const Unlocked unlocked;
    const std::lock_guard lock(turn);
    return file.page(number);
  }
};

/// Gives the pixels to Python.
nb::object array_of(Picture picture) {
  const auto height = static_cast<std::size_t>(picture.height);
  const auto width = static_cast<std::size_t>(picture.width);
  auto* kept = new std::vector<std::uint8_t>(std::move(picture.rgb));
  const nb::capsule owner(
      kept, [](void* rgb) noexcept { delete static_cast<std::vector<std::uint8_t>*>(rgb); });
  return nb::cast(nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<3>>(kept->data(),
                                                                    {height, width, 3}, owner));
}

}  // namespace

void bind_pictures(nb::module_& module) {
  nb::class_<PictureFileObject>(module, "PictureFile",
                                "A file of pictures: a PNG, JPEG or WebP has one page, a PDF has "
                                "any number. Its content tells what it is, not its name.")
      .def("__init__",
           [](PictureFileObject* self, const std::filesystem::path& path) {
             const Unlocked unlocked;
             new (self) PictureFileObject(path.string());
           },
           nb::arg("path"),
           "Raises KeyError or OSError where it cannot be read, fovea.Unsupported for another\n"
           "format, an encrypted PDF and more than 1 GiB, fovea.Corruption for a damaged file.")
      .def_prop_ro("pages", [](const PictureFileObject& self) { return self.file.pages(); })
      .def_prop_ro("is_pdf", [](const PictureFileObject& self) { return self.file.is_pdf(); })
      .def("page",
           [](PictureFileObject& self, int number) { return array_of(self.page(number)); },
           nb::arg("number") = 1,
           nb::sig("def page(self, number: int = 1) -> numpy.typing.NDArray[numpy.uint8]"),
           "A page, from 1, as uint8 [height, width, 3].\n\n"
           "Alpha is dropped, an EXIF orientation applied; a PDF page is drawn at 144 dpi on\n"
           "white.\n"
           "Raises ValueError where there is no such page, fovea.Unsupported for more than 100\n"
           "million pixels, fovea.Corruption.")
      .def("__repr__", [](const PictureFileObject& self) {
        return "PictureFile(" + shown(self.path) + ", " + std::to_string(self.file.pages()) +
               (self.file.pages() == 1 ? " page)" : " pages)");
      });
}

}  // namespace fovea::python
