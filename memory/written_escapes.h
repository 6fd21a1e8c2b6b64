#pragma once

#include <string_view>
#include <vector>

#include "core/signs.h"

namespace fovea {

/// Whether the text may have escapes that are written out in it.
bool may_have_escapes(std::string_view text);

/// The text with the escapes that are written out in it undone, each however many backslashes it
/// has: "\n" and its like as spaces, "\u00e9", "\xc3\xa9", "\303\251" and "%C3%A9" as what they
/// stand for, "\x1b[31m", "^[[31m" and "[31m" as control sequences. It is one reading of the text,
/// not the only one: "C:\new" has no line end.
std::vector<Sign> signs_without_escapes(std::string_view text);

}  // namespace fovea
