#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// A regular expression whose \p{L}, \p{M}, \p{N}, \p{P}, \p{S} and \s have the members that Unicode
/// 16 gives them, inside classes and outside, for a PCRE2 with older tables (Debian 12: Unicode 14).
/// Other escapes stay as they are. `pattern`: one that PCRE2 compiles.
std::string with_newer_characters(std::string_view pattern);

}  // namespace fovea
