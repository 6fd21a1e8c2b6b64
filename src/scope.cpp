#include "fovea/error.h"
#include "fovea/memory.h"

namespace fovea {

Scope scope_from_name(std::string_view name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  bool whole = parts.size() <= 3;
  for (const std::string& part : parts) whole = whole && !part.empty();
  if (!whole) {
    throw Error(ErrorCode::invalid_argument,
                "scope \"" + std::string(name) +
                    "\": expected user/agent/session, such as ann/coder/monday");
  }
  Scope scope;
  scope.user = parts[0];
  if (parts.size() > 1) scope.agent = parts[1];
  if (parts.size() > 2) scope.session = parts[2];
  return scope;
}

}  // namespace fovea
