#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// Turns tokens' bytes into text while they come: a character is given out when it is whole, bytes
/// that make none become U+FFFD.
class TextStream {
 public:
  /// What can be said after these bytes.
  std::string take(std::string_view bytes);
  /// The rest; nothing follows.
  std::string finish();

 private:
  std::string held_;  // the beginning of a character
};

}  // namespace fovea
