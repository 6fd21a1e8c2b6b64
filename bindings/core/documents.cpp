#include <nanobind/stl/optional.h>

#include "bindings/core/module.h"
#include "bindings/core/names.h"
#include "bindings/core/page_object.h"
#include "bindings/core/process.h"
#include "bindings/core/shown.h"
#include "bindings/core/unlocked.h"
#include "fovea/document_renderer.h"

namespace fovea::python {

void bind_documents(nb::module_& module) {
  nb::class_<DocumentSetting>(module, "DocumentSetting",
                              "How a page of layout document is typeset.")
      .def(
          "__init__",
          [](DocumentSetting* self, const LevelName& legible_at, std::string opening) {
            new (self) DocumentSetting{value_of(legible_at), std::move(opening)};
          },
          nb::arg("legible_at") = "tiny", nb::arg("opening") = "",
          "legible_at: the coarsest level at which the type can be read.\n"
          "opening: the Markdown blocks that were open where the previous page ended, its "
          "`leaves_open`.")
      .def_ro("legible_at", &DocumentSetting::legible_at)
      .def_ro("opening", &DocumentSetting::opening,
              "Open Markdown blocks: a code fence, the head of a table, a tool's output.")
      .def("__repr__", [](const DocumentSetting& self) {
        return "DocumentSetting(" + std::string(name_of(self.legible_at)) +
               (self.opening.empty() ? ")" : ", opening=" + shown(self.opening) + ")");
      });

  nb::class_<DocumentRenderer>(
      module, "DocumentRenderer",
      "Sets text as the pages of a printed document, for checkpoints that read documents: "
      "Markdown\n"
      "becomes headings, paragraphs, lists, tables and code.\n"
      "Pages may differ between machines with other fonts. Any thread may use it.")
      .def(nb::init<>())
      .def(
          "lay_out",
          [](const DocumentRenderer& self, const Text& text, const DocumentSetting& setting,
             bool more_follows) {
            const std::string bytes = bytes_of(text);
            const Unlocked unlocked;
            return PageObject(self.lay_out(bytes, setting, more_follows));
          },
          nb::arg("text"), nb::arg("setting") = DocumentSetting(), nb::kw_only(),
          nb::arg("more_follows") = false,
          "The first page of `text`, without pixels; `page.text` is the part of the text on it.\n\n"
          "more_follows: more text comes, so what may still change is left for the next page.\n"
          "Raises ValueError for a level that no document page has.")
      .def(
          "draw",
          [](const DocumentRenderer& self, const PageObject& page) {
            Page drawn = page.page;
            const Unlocked unlocked;
            self.draw(drawn);
            return PageObject(std::move(drawn));
          },
          nb::arg("page"), "The page with its picture at level large, 1280 x 1280 px.")
      .def("__repr__", [](const DocumentRenderer&) { return "DocumentRenderer()"; });
}

}  // namespace fovea::python
