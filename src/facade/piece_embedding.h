#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facade/memory_core.h"

namespace fovea {

/// What a question means, for a ranking of the pieces of a search; of no numbers without an embedder
/// and where no piece has a vector. Throws Error(invalid_argument) where pieces have another
/// embedder's vectors, and what the embedder throws.
QuestionVector meaning_of(const MemoryCore& memory, std::string_view question,
                          std::span<const Condition> where = {});

/// Embeds the scope's pieces behind the place `after` that have no vector, a transaction a batch.
/// `each` hears of each batch, how many pieces it was, and returns false to stop; the result is false
/// then. Nothing to do without an embedder.
bool embed_pieces_after(MemoryCore& memory, ScopeId scope, std::int64_t after,
                        const std::function<bool(std::size_t)>& each);

/// Why a query finds nothing, and what would help: for a scope with pages, where no condition is in
/// the way.
std::string no_shared_word(const MemoryCore& memory, ScopeId scope);

}  // namespace fovea
