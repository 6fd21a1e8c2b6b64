#pragma once

#include <map>
#include <string>
#include <string_view>

#include "memctl/experiment/page_record.h"

namespace fovea::memctl {

/// The exact strings of a page by kind (ids, URLs, paths, numbers, dates ...), and how many of them
/// whoever looks for exact strings in `given` finds there, each at most as often as it occurs.
std::map<std::string, Tally> exact_strings_in(std::string_view page, std::string_view given);

}  // namespace fovea::memctl
