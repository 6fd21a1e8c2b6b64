#pragma once

#include <vector>

#include "memory/store_impl.h"

namespace fovea {

struct WordFindings {
  std::vector<PageId> pages;   ///< whose words in the index are not those of their archived text
  bool totals_differ = false;  ///< pages and words that the index counts in all
};

/// Compares the full-text index with one that is made of the archived texts anew, some pages at a
/// time: FTS5's own check of a table without content does not look at its words. Takes as long as
/// indexing all texts. Pages whose text is damaged are left out.
WordFindings check_words(const Database& database);

}  // namespace fovea
