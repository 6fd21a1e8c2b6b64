#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/measure.h"
#include "fovea/page.h"

namespace fovea::memctl {

/// Which cells of a row are read otherwise: a sign for each column, "x" for a wrong one and "." for
/// any other; empty for a row without cells. `cells`: of the row, whose text is `exact`; `slips`: of
/// a reading that differs from it; none: all is wrong, since it is too long to be aligned. What was
/// added counts for the cell after it.
std::string wrong_cells_of(const std::vector<Cell>& cells, std::string_view exact,
                           const std::vector<Slip>& slips);
/// The same of a reading; empty if it is exact.
std::string wrong_cells_of(const std::vector<Cell>& cells, std::string_view exact,
                           std::string_view read);

/// The cells of each row of a page.
std::vector<std::vector<Cell>> cells_by_row(const Page& page);

}  // namespace fovea::memctl
