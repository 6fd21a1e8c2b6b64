#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// Whether a store's name is a URL, and not the path of a file: that of a PostgreSQL server, such as
/// "postgresql://user@host/database", or one that cannot be used, so that no password in it is ever
/// shown as part of a path.
bool is_server_url(std::string_view store);

/// The store's name as messages may show it: a URL without its password. Throws
/// Error(invalid_argument), without the URL in it, for one that is not well formed.
std::string shown_store(const std::string& store);

}  // namespace fovea
