#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/page.h"

namespace fovea::memctl {

/// Which cells of a row are read otherwise: a sign for each column, "x" for a wrong one and "." for
/// any other; empty if none is. `cells`: of the row, whose text is `exact`. What was added counts
/// for the cell after it.
std::string wrong_cells_of(const std::vector<Cell>& cells, std::string_view exact,
                           std::string_view read);

/// The cells of each row of a page.
std::vector<std::vector<Cell>> cells_by_row(const Page& page);

}  // namespace fovea::memctl
