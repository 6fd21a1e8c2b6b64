#pragma once

#include <string_view>

#include "fovea/page.h"

namespace fovea {

class CodePoints;

/// The first page of `text`, see `Renderer::lay_out`. `alphabet`: as for `next_unit`.
Page lay_out_cells(std::string_view text, Density density, bool more_follows,
                   const CodePoints* alphabet);

}  // namespace fovea
