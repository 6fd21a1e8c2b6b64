#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3_stmt;

namespace fovea {

/// Prepared statements that nobody uses just now, by their SQL: preparing one takes longer than
/// running it. Belongs to one connection, which it must not outlive; one thread at a time.
class StatementCache {
 public:
  StatementCache() = default;
  ~StatementCache() { clear(); }
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  /// A statement that was given back, reset and without parameters; nothing when there is none.
  sqlite3_stmt* take(std::string_view sql);
  void give_back(sqlite3_stmt* statement);
  void clear();

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_multimap<std::string, sqlite3_stmt*, Hash, std::equal_to<>> idle_;
};

}  // namespace fovea
