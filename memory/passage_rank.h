#pragma once

#include "memory/database.h"

namespace fovea {

/// Gives the connection an FTS5 function `passage(full_text)`: how well the best passage of a row
/// (96 words; passages overlap by half) answers the query, larger is better. As bm25, but with the
/// passage for a document: a page that speaks of a thing in one place beats one that has its words
/// scattered. Throws Error when SQLite lacks FTS5.
void add_passage_rank(const Database& database);

}  // namespace fovea
