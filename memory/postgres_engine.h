#pragma once

#include <memory>
#include <optional>

#include "fovea/access.h"
#include "memory/database.h"
#include "memory/server_url.h"

namespace fovea {

/// A connection to a PostgreSQL server. Loads libpq when it is first called; throws
/// Error(unsupported) where there is none, Error(invalid_argument) for a wrong password or database
/// and for a key, Error(io) for a server that does not answer. `database`: whose engine it is.
std::unique_ptr<Engine> open_postgres(const Database& database, const ServerUrl& server,
                                      int patience_ms, const std::optional<Key>& key,
                                      Access access);

}  // namespace fovea
