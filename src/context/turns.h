#pragma once

#include <span>
#include <string>

#include "context/transcript.h"

namespace fovea {

/// Whose turn a message is in a provider's format, "user" or "assistant", by its first piece. Empty:
/// neither's; what tools, systems and people beside the user say is data in the user's turn.
std::string turn_role(const ShownPiece& first);

/// What the turn says: the message's words, with a speaker's name before them; of nobody's turn the
/// message in a frame.
std::string turn_text(std::span<const ShownPiece> message);

/// Tokens that a message may take more as a turn than among others in a frame.
double turn_reserve(const ShownPiece& first, const Transcript::Cost& cost);
/// What providers count around a turn.
inline constexpr double kTurnTokens = 4;

}  // namespace fovea
