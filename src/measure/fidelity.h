#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/codec.h"
#include "fovea/measure.h"
#include "fovea/page.h"

namespace fovea {

/// Words of `exact` that `read` does not have, each once, in order, safe to show.
std::vector<std::string> lost_words(std::string_view exact, std::string_view read);

}  // namespace fovea
