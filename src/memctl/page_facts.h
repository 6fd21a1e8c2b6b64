#pragma once

#include <nlohmann/json.hpp>

#include "fovea/listing.h"

namespace fovea::memctl {

/// What a page is and costs, as `pages` and `report` give it: its times, marks, sizes and fidelity.
nlohmann::ordered_json page_facts(const PageInfo& page);

}  // namespace fovea::memctl
