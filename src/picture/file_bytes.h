#pragma once

#include <string>

namespace fovea {

/// A whole file. Throws Error(not_found | io) naming it, Error(unsupported) above 1 GiB.
std::string read_bytes(const std::string& path);

}  // namespace fovea
