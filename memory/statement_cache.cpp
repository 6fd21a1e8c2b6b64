#include "memory/statement_cache.h"

#include <sqlite3.h>

namespace fovea {
namespace {

constexpr std::size_t kMostIdle = 128;  // searches with conditions have SQL of their own

}  // namespace

sqlite3_stmt* StatementCache::take(std::string_view sql) {
  const auto found = idle_.find(sql);
  if (found == idle_.end()) return nullptr;
  sqlite3_stmt* statement = found->second;
  idle_.erase(found);
  return statement;
}

// What a failed step returned was thrown by step; reset only repeats it.
void StatementCache::give_back(sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);  // they may be large, and secret
  if (idle_.size() >= kMostIdle) clear();
  idle_.emplace(sqlite3_sql(statement), statement);
}

void StatementCache::clear() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  idle_.clear();
}

}  // namespace fovea
