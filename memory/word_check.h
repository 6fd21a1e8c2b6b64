#pragma once

#include <vector>

#include "memory/store_impl.h"

namespace fovea {

/// Pages with pieces whose words in the index are not those of their text: compares the index with
/// one that is made of the texts anew, some pieces at a time, since FTS5's own check of a table
/// without content does not look at its words. Takes as long as indexing all texts. Pieces whose
/// text is damaged are left out.
std::vector<PageId> pages_with_other_words(const Database& database);

}  // namespace fovea
