#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fovea/server_url.h"

namespace fovea {

/// A PostgreSQL server and its database.
struct ServerUrl {
  /// Names and values as libpq takes them: "host" and "db.example" ... Of a name the last counts.
  std::vector<std::pair<std::string, std::string>> settings;
  std::string name;  ///< the URL without anything that may be secret, for errors
};

/// Takes a URL apart, so that libpq, whose errors quote what it cannot read, never sees one. Throws
/// Error(invalid_argument) for a URL that is not well formed, which it does not show, and for one
/// that names no server or no database.
ServerUrl server_from_url(const std::string& url);

}  // namespace fovea
