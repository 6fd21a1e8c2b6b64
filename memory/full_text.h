#pragma once

#include <string>
#include <string_view>

#include "memory/database.h"

namespace fovea {

/// Gives the connection what the table full_text needs: the tokenizer `words` (terms_of a text) and
/// the function `passage` (see passage_rank.h). A change of the terms is a change of the schema:
/// taking a row out of the index needs the same ones again. Throws Error(unsupported) when SQLite
/// lacks FTS5.
void add_full_text(const Database& database);

/// An FTS5 expression that finds any of the query's words, whatever characters it has; empty when
/// it has no word. What stands together in the query ("level.cpp") also counts as a phrase, and the
/// parts of a name ("parseHeader") as the whole.
std::string match_expression(std::string_view query);

}  // namespace fovea
