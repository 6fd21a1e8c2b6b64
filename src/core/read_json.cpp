#include "core/read_json.h"

#include <algorithm>

namespace fovea {

void require_few_levels(std::string_view json, const std::string& name) {
  int levels = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == ']' || c == '}') {
      --levels;
    } else if ((c == '[' || c == '{') && ++levels > kMostJsonLevels) {
      const auto lines = std::ranges::count(json.substr(0, at), '\n');
      throw Error(ErrorCode::corruption, name + ": line " + std::to_string(lines + 1) +
                                             " nests more than " +
                                             std::to_string(kMostJsonLevels) +
                                             " lists and objects");
    }
  }
}

std::string reason_of(const std::exception& error) {
  const std::string_view text = error.what();
  const std::size_t end = text.starts_with("[json.exception.") ? text.find("] ") : text.npos;
  return std::string(end == text.npos ? text : text.substr(end + 2));
}

}  // namespace fovea
