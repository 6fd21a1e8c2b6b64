#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "fovea/memory.h"

namespace fovea::memctl {

/// What a summary says beside what the memory holds.
struct SummaryOptions {
  std::string scope;  ///< as the heading names it
  std::string store;  ///< the same
  Time now = 0;       ///< when it was made
  /// Of pages whose exact text is not kept, how they begin, as far as that is known.
  std::map<std::int64_t, std::string> first_words = {};
};

/// What the page's script is given of the scope as a whole, as JSON: all pages, newest first, figures,
/// history, policy, text on no page yet. `plan`: see plan_document, or null.
nlohmann::ordered_json summary_document(const Memory& memory, const SummaryOptions& options,
                                        const nlohmann::ordered_json& plan);

/// What the next ageing would do, or {error}. `progress`: see AgeOptions.
nlohmann::ordered_json plan_document(Memory& memory, Time now,
                                     const std::function<bool(std::size_t, std::size_t)>& progress);

}  // namespace fovea::memctl
