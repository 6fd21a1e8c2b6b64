#include "memory/statement_cache.h"

namespace fovea {
namespace {

constexpr std::size_t kMostIdle = 128;  // searches with conditions have SQL of their own
constexpr std::size_t kMostAlike = 4;

}  // namespace

std::unique_ptr<EngineStatement> StatementCache::take(std::string_view sql) {
  auto found = idle_.extract(sql);
  return found ? std::move(found.mapped()) : nullptr;
}

void StatementCache::give_back(std::unique_ptr<EngineStatement> statement) {
  statement->reset();
  statement->clear();
  const std::string_view sql = statement->sql();  // lasts as long as the statement
  if (idle_.count(sql) >= kMostAlike) return;
  if (idle_.size() >= kMostIdle) idle_.clear();
  idle_.emplace(sql, std::move(statement));
}

}  // namespace fovea
