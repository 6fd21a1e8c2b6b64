#pragma once

#include <string>

namespace fovea {

/// A part of the library that a program need not load to start: libfovea_<name>.so. It stands beside
/// the program, or where `cmake --install` puts it, and stays open. Returns its table of functions,
/// the symbol fovea_<name>. Thread-safe.
/// Throws Error(unsupported) naming the file that is missing, cannot be loaded, or was built from
/// other headers than this program.
const void* open_part(const std::string& name);

}  // namespace fovea
