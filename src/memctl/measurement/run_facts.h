#pragma once

#include <optional>
#include <vector>

#include "fovea/codec.h"
#include "memctl/measurement/intervals.h"
#include "memctl/measurement/texts.h"
#include "memctl/session.h"

namespace fovea::memctl {

/// What the figures of any experiment depend on, beside what it was asked for: two runs with the
/// same of it find the same.
Json run_facts(const Session& session, const Codec& codec, const std::vector<Text>& texts);

/// An experiment's texts as its results name them.
Json text_json(const Text& text);
Json number_json(const std::optional<double>& value);
/// [low, high]
Json interval_json(const std::optional<Interval>& interval);

}  // namespace fovea::memctl
