#include "memory/statement_cache.h"

namespace fovea {
namespace {

constexpr std::size_t kMostIdle = 128;  // searches with conditions have SQL of their own

}  // namespace

std::unique_ptr<EngineStatement> StatementCache::take(std::string_view sql) {
  auto found = idle_.extract(sql);
  return found ? std::move(found.mapped()) : nullptr;
}

void StatementCache::give_back(std::unique_ptr<EngineStatement> statement) {
  statement->reset();
  statement->clear();
  if (idle_.size() >= kMostIdle) idle_.clear();
  const std::string_view sql = statement->sql();  // lasts as long as the statement
  idle_.emplace(sql, std::move(statement));
}

}  // namespace fovea
