#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/page_object.h"
#include "bindings/core/pictures.h"
#include "bindings/core/process.h"
#include "bindings/core/shown.h"
#include "bindings/core/unlocked.h"
#include "fovea/error.h"
#include "fovea/renderer.h"

namespace fovea::python {
namespace {

using Pixels = nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<2>>;

Pixels pixels_of(const PageObject& self) {
  const Page& page = self.page;
  const auto side = page.pixels.empty() ? 0 : static_cast<std::size_t>(side_of(page.level));
  return Pixels(page.pixels.data(), {side, side}, nb::find(self));
}

void require_drawn(const PageObject& self) {
  if (!self.page.pixels.empty()) return;
  throw Error(ErrorCode::invalid_argument,
              "the page has no picture yet; its renderer's draw makes one");
}

nb::bytes png_bytes(const PageObject& self) {
  require_drawn(self);
  const int side = side_of(self.page.level);
  std::vector<std::uint8_t> png;
  {
    const Unlocked unlocked;
    png = png_of(self.page.pixels, side, side);
  }
  return nb::bytes(png.data(), png.size());
}

/// None where a notebook is to show the repr instead.
nb::object page_png(const PageObject& self) {
  return self.page.pixels.empty() ? nb::none() : nb::object(png_bytes(self));
}

nb::object image_of(const PageObject& self) {
  require_drawn(self);
  return image_of_array(nb::cast(pixels_of(self)));
}

std::string columns_of(Density density) { return std::to_string(static_cast<int>(density)); }

std::string repr_of_page_object(const PageObject& self) {
  const std::string set = self.page.document ? ", layout=document"
                                             : ", density=" + columns_of(self.page.density);
  return "Page(level=" + std::string(name_of(self.page.level)) + set +
         (self.page.pixels.empty() ? ", not drawn" : "") + ", text=" + shown(self.page.text) + ")";
}

/// A page that was drawn elsewhere, without its text.
PageObject page_from(const nb::object& picture, const DensityName& density) {
  const Picture2D pixels = picture_of(picture, "picture");
  Page page;
  page.density = value_of(density);
  page.level = level_of_side(pixels.shape(0), pixels.shape(1), "picture");
  page.pixels.assign(pixels.data(), pixels.data() + pixels.size());
  return PageObject(std::move(page));
}

void bind_page(nb::module_& module) {
  nb::class_<Cell>(module, "Cell", "One unit of a page: a grapheme cluster, or a single byte that "
                                   "is not valid UTF-8, and its place.")
      .def_ro("begin", &Cell::begin, "First byte in the page's text, as UTF-8.")
      .def_ro("length", &Cell::length, "Bytes.")
      .def_ro("row", &Cell::row)
      .def_ro("column", &Cell::column, "Of its left half.")
      .def_ro("width", &Cell::width, "Columns taken: 1 or 2.")
      .def("__repr__", [](const Cell& self) {
        return "Cell(row=" + std::to_string(self.row) + ", column=" + std::to_string(self.column) +
               ", width=" + std::to_string(self.width) + ", begin=" + std::to_string(self.begin) +
               ", length=" + std::to_string(self.length) + ")";
      });

  nb::class_<PageReport>(module, "PageReport", "What a reader of the page may not get back.")
      .def_ro("outside_atlas", &PageReport::outside_atlas, "Clusters drawn with a system font.")
      .def_ro("no_glyph", &PageReport::no_glyph, "Clusters that no font has: a code-point box.")
      .def_ro("invalid_bytes", &PageReport::invalid_bytes, "Bytes that are not UTF-8: a box each.")
      .def_ro("clipped", &PageReport::clipped,
              "Of a document: the text does not fit, even in small type.")
      .def("__repr__", [](const PageReport& self) {
        return "PageReport(outside_atlas=" + std::to_string(self.outside_atlas) +
               ", no_glyph=" + std::to_string(self.no_glyph) +
               ", invalid_bytes=" + std::to_string(self.invalid_bytes) +
               (self.clipped ? ", clipped)" : ")");
      });

  nb::class_<PageObject>(module, "Page", "A page of text and its picture at one level. Immutable.")
      .def_prop_ro("level", [](const PageObject& self) { return self.page.level; })
      .def_prop_ro("layout",
                   [](const PageObject& self) {
                     return self.page.document ? Layout::document : Layout::cells;
                   })
      .def_prop_ro(
          "density", [](const PageObject& self) { return self.page.density; }, "For layout cells.")
      .def_prop_ro(
          "document", [](const PageObject& self) { return self.page.document; },
          "How a page of layout document is typeset; None: layout cells.")
      .def_prop_ro(
          "leaves_open", [](const PageObject& self) { return self.page.leaves_open; },
          "`opening` of the document page that continues this one.")
      .def_prop_ro(
          "text", [](const PageObject& self) { return self.page.text; },
          "The exact text; bytes that are not UTF-8 as lone surrogates.")
      .def_prop_ro(
          "full", [](const PageObject& self) { return self.page.full; },
          "The text continues and its next cluster did not fit.")
      .def_prop_ro(
          "cells", [](const PageObject& self) { return self.page.cells; },
          "In reading order; a document has none.")
      .def_prop_ro(
          "row_lengths", [](const PageObject& self) { return row_lengths(self.page); },
          "Cells used on each row, [rows]; empty for a document.")
      .def_prop_ro("report", [](const PageObject& self) { return self.page.report; })
      .def_prop_ro("pixels", &pixels_of,
                   "[side, side] uint8 gray, 0 = black; [0, 0] until drawn. Read-only, no copy.")
      .def_prop_ro(
          "png", &png_bytes,
          "The picture as a PNG file's bytes. Raises ValueError for a page that is not drawn.")
      .def("image", &image_of, nb::sig("def image(self) -> PIL.Image.Image"),
           "The picture as a PIL image of mode L. Needs Pillow.")
      .def("_repr_png_", &page_png, nb::sig("def _repr_png_(self) -> bytes | None"))
      .def_static("from_picture", &page_from, nb::arg("picture"), nb::arg("density") = 106,
                  nb::sig("def from_picture(picture: PictureLike, "
                          "density: Density | int = 106) -> Page"),
                  "A page drawn elsewhere, without its text.\n\n"
                  "picture: uint8 array [side, side], 0 = black, or a PIL image; the side is "
                  "that of a level.\n"
                  "Raises ValueError for another side, TypeError for another dtype.")
      .def("__repr__", &repr_of_page_object);
}

void bind_renderer(nb::module_& module) {
  nb::class_<Renderer>(
      module, "Renderer",
      "Draws text as pages of cells. Newline and tab are visible glyphs; a grapheme cluster is "
      "one\n"
      "unit.\n"
      "Any thread may use it, several at once.")
      .def(
          "__init__",
          [](Renderer* self, const std::optional<std::filesystem::path>& model) {
            new (self) Renderer(checkpoint_of(model));
          },
          nb::arg("model") = nb::none(),
          "model: checkpoint folder; None: $FOVEA_MODEL or the one that comes with fovea.\n"
          "Raises KeyError or fovea.Error naming the file.")
      .def(
          "lay_out",
          [](const Renderer& self, const Text& text, const DensityName& density,
             bool more_follows) {
            return PageObject(self.lay_out(bytes_of(text), value_of(density), more_follows));
          },
          nb::arg("text"), nb::arg("density") = 106, nb::kw_only(), nb::arg("more_follows") = false,
          "The first page of `text`, without pixels; `page.text` is the part of the text on it.\n\n"
          "more_follows: more text comes, so a cluster at its end is left for the next page.")
      .def(
          "draw",
          [](const Renderer& self, const PageObject& page) {
            Page drawn = page.page;
            const Unlocked unlocked;
            self.draw(drawn);
            return PageObject(std::move(drawn));
          },
          nb::arg("page"), "The page with its picture at level large, 1280 x 1280 px.")
      .def(
          "render",
          [](const Renderer& self, const Text& text, const DensityName& density,
             const LevelName& level) {
            const std::string bytes = bytes_of(text);
            const Density d = value_of(density);
            const Level l = value_of(level);
            std::vector<Page> drawn;
            {
              const Unlocked unlocked;
              drawn = self.render(bytes, d, l);
            }
            std::vector<PageObject> pages;
            for (Page& page : drawn) pages.emplace_back(std::move(page));
            return pages;
          },
          nb::arg("text"), nb::arg("density") = 106, nb::arg("level") = "base",
          "All of `text` as drawn pages; the last one may be part-filled.")
      .def("__repr__", [](const Renderer& self) {
        return "Renderer(" + grouped(self.narrow_characters().size()) + " narrow and " +
               grouped(self.wide_characters().size()) + " wide characters)";
      });
}

}  // namespace

void bind_pages(nb::module_& module) {
  bind_page(module);
  bind_renderer(module);
  module.def(
      "shrink",
      [](const PageObject& page, const LevelName& level) {
        const Level to = value_of(level);
        const Unlocked unlocked;
        return PageObject(shrink(page.page, to));
      },
      nb::arg("page"), nb::arg("level"),
      "A page drawn at large, shrunk to `level` by exact area averaging.");
}

}  // namespace fovea::python
