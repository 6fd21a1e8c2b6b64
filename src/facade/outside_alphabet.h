#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "core/text_units.h"

namespace fovea {

/// Characters of a text that the checkpoint's alphabet lacks, by script ("Hangul", "Arabic"), with
/// "signs" for what many scripts share, "controls", "bytes" that are not UTF-8. Known without
/// reading anything back.
std::map<std::string, std::size_t> outside_alphabet(std::string_view text, const CodePoints& alphabet);

}  // namespace fovea
