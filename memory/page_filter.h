#pragma once

#include <span>
#include <string>
#include <vector>

#include "fovea/search.h"
#include "memory/store_impl.h"

namespace fovea {

/// A condition on rows of `pages p`, with the values to be bound to its parameters, in order.
struct PageFilter {
  std::string sql;
  std::vector<BoundValue> values;
};

/// What pages of the scope whose time is not over, or with conditions on parts of the scope of the same user, must meet.
/// Throws Error(invalid_argument) for a comparison that the field does not have, and for values
/// that are no time or no level.
PageFilter page_filter(const Scope& scope, std::span<const Condition> where);

/// The same for rows of `messages m`, without the scope: SQL from " AND" on, or nothing. Throws
/// Error(invalid_argument) for a field that is not of a message.
PageFilter message_filter(std::span<const Condition> where);

/// The same as page_filter for rows of `messages m`: a condition on the level is met by a page that
/// the message stands on.
PageFilter listed_messages(const Scope& scope, std::span<const Condition> where);

}  // namespace fovea
