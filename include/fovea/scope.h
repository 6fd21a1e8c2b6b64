#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// Whose memory: every read, write and delete names its scope, all four parts of it.
struct Scope {
  std::string user = "default";
  std::string agent = "default";
  std::string session = "default";
  std::string run = "default";
  bool operator==(const Scope&) const = default;
};

/// "user/agent/session", with "/run" unless that is "default". A "/" in a name is "%2F", a "%" is
/// "%25", so no two scopes are written alike.
std::string to_text(const Scope& scope);
/// What to_text writes; parts missing at the end are "default". Throws Error(invalid_argument).
Scope scope_from_name(std::string_view text);

}  // namespace fovea
