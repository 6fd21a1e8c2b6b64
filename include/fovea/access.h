#pragma once

#include <string_view>

namespace fovea {

/// Whether a store may be changed.
enum class Access {
  write,
  /// The store must exist. Nothing of it changes, not even what reading keeps for the next reader
  /// (measurements, caches). Whatever else would change it throws Error(io).
  read,
};

/// "read" or "write". Throws Error(invalid_argument).
Access access_from_name(std::string_view name);

}  // namespace fovea
