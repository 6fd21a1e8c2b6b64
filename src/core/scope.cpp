#include "fovea/scope.h"

#include <algorithm>
#include <array>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr const char* kDefault = "default";

// A name may have what parts the names.
constexpr std::string_view kSlash = "%2F", kPercent = "%25";

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '/')
      text += kSlash;
    else if (c == '%')
      text += kPercent;
    else
      text += c;
  }
  return text;
}

/// A "%" before anything else stays as it is.
std::string unescaped(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    const bool slash = text.starts_with(kSlash) || text.starts_with("%2f");
    const bool special = slash || text.starts_with(kPercent);
    name += slash ? '/' : text.front();
    text.remove_prefix(special ? kSlash.size() : 1);
  }
  return name;
}

}  // namespace

std::string to_text(const Scope& scope) {
  const std::string text =
      escaped(scope.user) + "/" + escaped(scope.agent) + "/" + escaped(scope.session);
  return scope.run == kDefault ? text : text + "/" + escaped(scope.run);
}

Scope scope_from_name(std::string_view text) {
  Scope scope;
  const std::array parts = {&scope.user, &scope.agent, &scope.session, &scope.run};
  std::size_t begin = 0;
  for (std::string* part : parts) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    *part = unescaped(text.substr(begin, end - begin));
    if (part->empty()) break;
    if (end == text.size()) return scope;
    begin = end + 1;
  }
  throw Error(ErrorCode::invalid_argument,
              "scope \"" + std::string(text) +
                  "\": expected user/agent/session/run or the first parts of it, such as "
                  "ann/coder/monday; a \"/\" in a name is written %2F");
}

}  // namespace fovea
