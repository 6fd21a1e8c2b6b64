#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "memory/database.h"

namespace fovea {

/// "FOVA" in SQLite's header: this file is a Fovea store.
inline constexpr std::int64_t kApplicationId = 0x464f5641;

/// SQL that takes a store from version - 1 to version.
struct Migration {
  int version;
  std::string sql;
};

/// All migrations in order (schema_versions.cpp); the last one's version is what this build writes.
std::span<const Migration> migrations();

/// Throws Error(unsupported) for a store of a newer version, Error(invalid_argument) for another
/// program's database. Changes nothing.
void require_ours(const Database& database, std::span<const Migration> steps = migrations());

/// Makes `database` a store of the last migration's version: creates tables in an empty file,
/// migrates an older store, each migration in one transaction; does nothing to a current one.
/// Gives the connection its full-text search (see add_full_text). Throws as require_ours does.
void prepare_schema(const Database& database, std::span<const Migration> steps = migrations());

/// Names of the tables and indexes whose SQL is not what the migrations make.
std::vector<std::string> changed_tables(const Database& database);

}  // namespace fovea
