#pragma once

#include <map>
#include <string>

#include "fovea/memory.h"
#include "memctl/histories.h"
#include "memctl/session.h"

namespace fovea::memctl {

/// Pages, vision tokens and fidelity by level.
Json levels_document(const std::map<Level, LevelSummary>& levels);

/// The result of `compact` for programs and for people.
Json compact_document(const CompactResult& result, const ReadCounts& read, double seconds);
std::string compact_text(const CompactResult& result, double seconds);

}  // namespace fovea::memctl
