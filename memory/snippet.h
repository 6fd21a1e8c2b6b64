#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

struct Snippet {
  std::string text;             ///< safe to show (see DisplayText), "…" where the text goes on
  std::size_t words_found = 0;  ///< different words of the query that the whole text has
};

/// The part of `text`, about `width` characters, that has most of the query's words; its beginning
/// when it has none. Words match whole or as a beginning, whatever their case.
Snippet make_snippet(std::string_view text, std::string_view query, std::size_t width = 160);

}  // namespace fovea
