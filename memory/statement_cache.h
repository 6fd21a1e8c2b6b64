#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "memory/engine.h"

namespace fovea {

/// Prepared statements that nobody uses just now, by their SQL: preparing one takes longer than
/// running it. Belongs to one connection, which it must not outlive; one thread at a time.
class StatementCache {
 public:
  /// A statement that was given back, reset and without parameters; null when there is none.
  std::unique_ptr<EngineStatement> take(std::string_view sql);
  void give_back(std::unique_ptr<EngineStatement> statement);

 private:
  std::unordered_multimap<std::string_view, std::unique_ptr<EngineStatement>> idle_;
};

}  // namespace fovea
