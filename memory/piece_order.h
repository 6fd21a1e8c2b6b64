#pragma once

#include <cstdint>
#include <vector>

#include "memory/piece_index.h"
#include "memory/piece_rank.h"

namespace fovea {

/// The first `limit` pieces of a scope in this order: those that answer, with the most phrases first,
/// then the best, equal ones as they stand; then the others from the newest on. Pieces whose text is
/// not kept are left out.
std::vector<std::uint32_t> order_pieces_of(const PieceIndex& index, const PieceScores& scores,
                                           std::size_t limit);

}  // namespace fovea
