#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// `text` as the full-text index takes it: valid UTF-8, with the characters that are words alone
/// (see is_word_alone) set apart. Taking a row out of the index needs the same result again, so a
/// change here is a change of the schema.
std::string text_for_index(std::string_view text);

/// An FTS5 expression that finds any of the query's words, whatever characters it has; empty when
/// it has no word. What stands together in the query ("level.cpp") also counts as a phrase.
std::string match_expression(std::string_view query);

}  // namespace fovea
