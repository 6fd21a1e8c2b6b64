#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "memory/database.h"

namespace fovea {

/// Runs one statement for each of many items, in order. To a server several are on their way at
/// once, which wait for it together. `bind(statement, item)` gives the parameters, then
/// `take(statement, item)` reads the rows. `items`: a list, or a span.
template <class Items, class Bind, class Take>
void ask_each(const Database& database, std::string_view sql, const Items& items, Bind bind,
              Take take) {
  const std::size_t at_once = database.engine().statements_at_once();
  std::vector<Statement> asked;
  for (std::size_t begin = 0; begin < items.size(); begin += at_once) {
    const std::size_t count = std::min(at_once, items.size() - begin);
    while (asked.size() < count) asked.push_back(database.prepare(sql));
    for (std::size_t i = 0; i < count; ++i) {
      bind(asked[i], items[begin + i]);
      asked[i].send();
    }
    for (std::size_t i = 0; i < count; ++i) {
      take(asked[i], items[begin + i]);
      asked[i].reset();
    }
  }
}

}  // namespace fovea
