#include "memory/schema.h"

#include <algorithm>
#include <map>

#include "fovea/error.h"
#include "memory/full_text.h"

namespace fovea {
namespace {

int version_of(const Database& database) {
  return static_cast<int>(database.integer("PRAGMA user_version"));
}

int newest(std::span<const Migration> steps) {
  return steps.empty() ? 0 : steps.back().version;
}

void apply(const Database& database, const Migration& step) {
  Transaction transaction(database, Transaction::Kind::write);
  if (version_of(database) >= step.version) return;  // another process was faster
  database.execute(step.sql);
  database.execute("PRAGMA user_version = " + std::to_string(step.version));
  database.execute("PRAGMA application_id = " + std::to_string(kApplicationId));
  transaction.commit();
}

/// Name -> type and SQL of all that a database has; other versions of SQLite quote names otherwise.
std::map<std::string, std::string> statements_of(const Database& database) {
  std::map<std::string, std::string> tables;
  Statement row = database.prepare(
      "SELECT name, type || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master");
  while (row.step()) {
    std::string sql = row.text(1);
    std::erase_if(sql, [](char c) { return c == '"' || c == '\''; });
    tables[row.text(0)] = std::move(sql);
  }
  return tables;
}

}  // namespace

void require_ours(const Database& database, std::span<const Migration> steps) {
  // All at one moment: another process may be making the tables just now.
  const Transaction moment(database, Transaction::Kind::read);
  const std::int64_t application = database.integer("PRAGMA application_id");
  const int version = version_of(database);
  if (application == kApplicationId) {
    if (version <= newest(steps)) return;
    throw Error(ErrorCode::unsupported, "store " + database.name() + " has version " +
                                            std::to_string(version) +
                                            "; this Fovea knows versions up to " +
                                            std::to_string(newest(steps)) + "; update Fovea");
  }
  const bool empty = database.integer("SELECT count(*) FROM sqlite_master") == 0;
  if (empty && application == 0 && version == 0) return;
  throw Error(ErrorCode::invalid_argument,
              "store " + database.name() +
                  " is another program's SQLite database; give a Fovea store or a new file");
}

void prepare_schema(const Database& database, std::span<const Migration> steps) {
  require_ours(database, steps);
  add_full_text(database);
  if (version_of(database) == newest(steps)) return;
  if (database.is_read_only())
    throw Error(ErrorCode::io, "store " + database.name() + " has the older version " +
                                   std::to_string(version_of(database)) +
                                   " and is opened for reading alone; `memctl stats` brings it up "
                                   "to date if it may write the file");
  for (const Migration& step : steps) apply(database, step);
}

std::vector<std::string> changed_tables(const Database& database) {
  const Database fresh(std::string(Database::kInMemory), "(in memory)", 0);
  prepare_schema(fresh);
  const auto expected = statements_of(fresh), found = statements_of(database);
  std::vector<std::string> changed;
  for (const auto& [name, sql] : expected) {
    const auto there = found.find(name);
    if (there == found.end() || there->second != sql) changed.push_back(name);
  }
  for (const auto& [name, sql] : found) {
    if (!expected.contains(name)) changed.push_back(name);
  }
  return changed;
}

}  // namespace fovea
