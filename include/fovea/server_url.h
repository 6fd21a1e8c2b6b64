#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// Whether a store's name is the URL of a PostgreSQL server, "postgresql://user@host/database", and
/// not the path of a file.
bool is_server_url(std::string_view store);

/// The store's name as messages may show it: a URL without its password.
std::string shown_store(const std::string& store);

}  // namespace fovea
