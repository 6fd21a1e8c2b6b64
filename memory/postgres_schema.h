#pragma once

#include <span>

#include "memory/schema.h"

namespace fovea {

/// All migrations of a store on a PostgreSQL server, in order.
std::span<const Migration> postgres_migrations();

/// Makes the database's schema `fovea` a store of the last migration's version, each migration in
/// one transaction; does nothing to a current one. Throws Error(unsupported) for a store of a newer
/// version, Error(invalid_argument) for another program's database; neither is changed.
void prepare_postgres_schema(const Database& database,
                             std::span<const Migration> steps = postgres_migrations());

/// What of the tables is not as the migrations make it, so that users may see each other's rows.
std::vector<std::string> unprotected_tables(const Database& database);

}  // namespace fovea
