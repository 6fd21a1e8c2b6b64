#pragma once

#include <vector>

#include "memory/piece_index.h"
#include "memory/piece_query.h"

namespace fovea {

/// By voice: a piece is worth more for who says it.
std::vector<float> voice_factors(const PieceIndex& scope, const PieceQuery& query);
/// By session: more when it was on the day, or in the month, that the question names.
std::vector<float> session_factors(const PieceIndex& scope, const PieceQuery& query);

/// Whether messages are known to be an assistant's.
bool has_answers(const PieceIndex& scope);
/// Whether messages are of several pieces, and yet no documents.
bool has_long_messages(const PieceIndex& scope);

}  // namespace fovea
