#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// A text as it is safe to show on one line: valid UTF-8, without control sequences or characters
/// and without what turns its direction or cannot be seen; blanks are one space.
struct DisplayText {
  std::string text;
  std::vector<std::size_t> at;  ///< [bytes of the given text + 1], where in `text` each one stands
};
DisplayText display_text(std::string_view text);

}  // namespace fovea
