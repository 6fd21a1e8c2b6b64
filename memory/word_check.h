#pragma once

#include <vector>

#include "memory/store_impl.h"

namespace fovea {

struct WordFindings {
  std::vector<PageId> pages;   ///< with pieces whose words in the index are not those of their text
  bool totals_differ = false;  ///< pieces and words that the index counts in all
};

/// Compares the index of words with one that is made of the pieces' texts anew, some pieces at a
/// time: FTS5's own check of a table without content does not look at its words. Takes as long as
/// indexing all texts. Pieces whose text is damaged are left out.
WordFindings check_words(const Database& database);

}  // namespace fovea
