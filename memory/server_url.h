#pragma once

#include <string>

#include "fovea/server_url.h"

namespace fovea {

/// A PostgreSQL server and its database.
struct ServerUrl {
  std::string url;   ///< as libpq takes it
  std::string name;  ///< the same without a password, for errors
};

/// Throws Error(invalid_argument) for a URL that names no server or no database.
ServerUrl server_from_url(const std::string& url);

}  // namespace fovea
