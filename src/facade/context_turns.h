#pragma once

#include <vector>

#include "facade/context_pieces.h"
#include "fovea/context.h"

namespace fovea {

/// Which messages may be turns.
struct TurnLimits {
  bool before = false;   ///< something stands before them: the first one may be the assistant's
  bool paged = false;    ///< those that are on pages, too
  double tokens = 1e18;  ///< of all their words
};

/// Takes the newest messages of the last session that stand whole in `text` out of it: a part for
/// each, oldest first. What they take more than in the text is what pieces keep free (turn_reserve).
std::vector<ContextPart> take_turns(Transcript& text, const ContextPieces& pieces, TurnLimits limits,
                                    const Transcript::Cost& cost);

}  // namespace fovea
