#include "bindings/core/module.h"
#include "bindings/core/names.h"

namespace fovea::python {

void bind_levels(nb::module_& module) {
  nb::enum_<Level> level(module, "Level", nb::is_arithmetic(),
                         "How sharp a page is remembered; a larger one is coarser.");
  for (const Level each : kLevels) level.value(name_of(each).data(), each);

  nb::enum_<Density>(module, "Density", nb::is_arithmetic(),
                     "A page layout; the value is its number of columns.")
      .value("d64", Density::d64, "64 x 32 cells")
      .value("d80", Density::d80, "80 x 40 cells")
      .value("d106", Density::d106, "106 x 53 cells, the default")
      .value("d128", Density::d128, "128 x 64 cells")
      .value("d160", Density::d160, "160 x 80 cells");

  nb::enum_<Layout>(module, "Layout", "How text is put onto a page.")
      .value("cells", Layout::cells, "packed into a grid of cells, as fovea-nano reads it")
      .value("document", Layout::document, "set as a printed document, as DeepSeek-OCR reads it");

  nb::enum_<Source>(module, "Source", "Where recalled text may come from.")
      .value("tokens", Source::tokens, "read from the vision tokens, nothing else")
      .value("archive", Source::archive, "the exact text; an error where it was not kept")
      .value("automatic", Source::automatic,
             "the exact text while it is kept, otherwise the tokens");

  nb::enum_<Archive>(module, "Archive", "Whether the exact text of a page is kept.")
      .value("keep", Archive::keep, "beside the vision tokens, compressed")
      .value("drop", Archive::drop, "only vision tokens, and text that they do not give back");

  nb::enum_<Access>(module, "Access", "Whether a store may be changed.")
      .value("write", Access::write, "it is made where there is none")
      .value("read", Access::read, "it must exist, and nothing of it changes");

  nb::class_<Grid>(module, "Grid", "The grid of cells of a density; pixels at side 1280.")
      .def_ro("columns", &Grid::columns)
      .def_ro("rows", &Grid::rows)
      .def_ro("cell_width", &Grid::cell_width)
      .def_ro("cell_height", &Grid::cell_height)
      .def_ro("margin_x", &Grid::margin_x, "Left of the first column.")
      .def_ro("margin_y", &Grid::margin_y, "Above the first row.")
      .def("__repr__", [](const Grid& self) {
        return "Grid(" + std::to_string(self.columns) + " x " + std::to_string(self.rows) +
               " cells of " + std::to_string(self.cell_width) + " x " +
               std::to_string(self.cell_height) + " px)";
      });

  module.def("side_of", [](const LevelName& level) { return side_of(value_of(level)); },
             nb::arg("level"), "Pixels on a side of a page: 1280 for large to 256 for trace.");
  module.def("token_count", [](const LevelName& level) { return token_count(value_of(level)); },
             nb::arg("level"), "Vision tokens of a page: 400, 256, 100, 64, 36, 16.");
  module.def("sequence_length",
             [](const LevelName& level) { return sequence_length(value_of(level)); },
             nb::arg("level"), "Positions that a page takes in the decoder: 421 to 21.");
  module.def("text_capacity", [](const LevelName& level) { return text_capacity(value_of(level)); },
             nb::arg("level"),
             "Text tokens that a page of layout document holds at most if it is to be read at "
             "`level`: 2,500, 1,500, 1,000, 700.\n\nRaises ValueError for faint and trace.");
  module.def("grid_of", [](const DensityName& density) { return grid_of(value_of(density)); },
             nb::arg("density"), "The grid of cells of a density.");
}

}  // namespace fovea::python
