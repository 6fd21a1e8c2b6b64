#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "memory/measure/made_up.h"
#include "memory/store.h"

namespace fovea {

// What a store is measured with: pages that no codec made, and searches among them.

constexpr int kMadeUpDim = 512;            ///< of embeddings: fovea-nano's
constexpr std::size_t kWordsOfPage = 900;  ///< a page of about 5,600 characters
constexpr std::size_t kSearchDepth = 50;   ///< of each list that a search fuses
inline const std::string kMadeUpFingerprint(64, 'a');

/// Of kWordsOfPage words, with vision tokens at tiny.
NewPage made_up_page(MadeUp& made_up);

struct MadeUpQuestion {
  std::string words;
  std::vector<float> vector;
};
MadeUpQuestion made_up_question(MadeUp& made_up);

/// As Memory::search does it with the question's embedding at hand.
void search_as_memory(const Store& store, const Scope& scope, const MadeUpQuestion& question);

}  // namespace fovea
