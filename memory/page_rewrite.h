#pragma once

#include <span>
#include <vector>

#include "memory/store_impl.h"

namespace fovea {

/// What is left of stretches of a message, in order, once others are taken out of them.
std::vector<MessageSpan> without(std::span<const MessageSpan> there, std::span<const MessageSpan> gone);

/// Has a page hold what an erasure leaves of it. In a transaction of the caller's. Throws Error(io) when
/// another process has changed the page since it was read.
void rewrite_page(const Database& database, ScopeId scope, const PageRewrite& rewrite);

/// Takes stretches of messages out of the scope's verbatim text. Returns how many rows that touched.
std::size_t cut_verbatim(const Database& database, ScopeId scope, std::span<const MessageSpan> gone);

}  // namespace fovea
