#pragma once

#include <string>

#include "fovea/codec.h"
#include "fovea/page.h"
#include "fovea/policy.h"

namespace fovea {

/// The anchors that a policy keeps beside a page at `level`, packed; empty: none.
std::string anchors_to_keep(const Policy& policy, const Page& page, Level level, bool has_archive);

/// The policy keeps corrections of pages at `level` whose exact text is not kept.
bool keeps_corrections(const Policy& policy, Level level, bool has_archive);

/// What leads from `read`, with the packed `anchors` put in, to the text of `page`, packed. Empty
/// where that takes more than `max_bytes`: corrections that make a page exact are kept, or none.
std::string corrections_to_keep(const Page& page, const ReadPage& read, const std::string& anchors,
                                std::size_t max_bytes);

}  // namespace fovea
