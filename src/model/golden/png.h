#pragma once

#include <string>

#include "fovea/picture.h"

namespace fovea::golden {

/// Throws Error(not_found | io | corruption) naming the file.
Picture read_png(const std::string& path);

}  // namespace fovea::golden
