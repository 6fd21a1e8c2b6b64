#pragma once

namespace fovea {

/// What the table of every part begins with.
struct PartHead {
  const char* interface;  ///< 64 hex digits: of the headers that it was compiled with
};

}  // namespace fovea
