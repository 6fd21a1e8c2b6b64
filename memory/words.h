#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// A word that a text can be found by.
struct Term {
  std::string text = {};   ///< lower case, without accents
  std::size_t begin = 0;   ///< byte in the text
  std::size_t length = 0;  ///< bytes
  std::size_t place = 0;   ///< 0, 1, 2 ... in the text; what is read in several ways stands in one
  bool whole = false;      ///< a name of several parts, which are terms of their own
  bool alone = false;      ///< of a script that writes words without spaces: one character
};

/// Every term of a text, in order of places: its words, the parts of names such as "parseHeader" and
/// "parse_header" (and "parseheader", the whole), behind a terminal's control sequences, and with
/// the escapes that are written out in it ("\nfailed") both as they stand and undone. A letter of a
/// script that writes words without spaces (Chinese, Japanese, Thai ...) or joins endings to them
/// (Korean) is a term.
std::vector<Term> terms_of(std::string_view text);

/// The terms of a query: written escapes stay as they are.
std::vector<Term> terms_asked(std::string_view query);

}  // namespace fovea
