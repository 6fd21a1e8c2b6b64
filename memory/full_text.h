#pragma once

#include "memory/database.h"

struct fts5_api;

namespace fovea {

/// Gives the connection what the table piece_words needs: the tokenizer `words` (terms_of a text; a
/// query's phrase is terms parted by spaces) and the function `hits(table)`: how often the
/// expression's phrases stand in the row. A change of
/// the terms is a change of the schema: taking a row out of the index needs the same ones again.
/// Throws Error(unsupported) when SQLite lacks FTS5.
void add_full_text(const Database& database);

/// The connection's FTS5; null: SQLite has none.
fts5_api* fts5_of(const Database& database);

}  // namespace fovea
