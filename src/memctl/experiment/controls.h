#pragma once

#include <cstdint>
#include <string>

#include "fovea/page.h"
#include "memctl/experiment/page_record.h"

namespace fovea::memctl {

/// The text of a page of cells with its words or its characters in random order: as many of each
/// character, without the sense that helps a reader to guess. Words are runs of letters, digits and
/// underscores, and each wide character; all else keeps its place. The same on every machine.
std::string shuffled_text(const Page& page, Shuffle how, std::uint64_t seed);

}  // namespace fovea::memctl
