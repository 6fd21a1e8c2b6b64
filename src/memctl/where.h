#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "fovea/search.h"

namespace fovea::memctl {

/// The option --where of verbs that look at pages or messages. `fields`: those that the verb takes.
void add_where(CLI::App& verb, std::vector<std::string>& where,
               const std::string& fields =
                   "agent, session, run (of the same user), role, source, "
                   "time, level");
/// Throws Error(invalid_argument) for one that cannot be read.
std::vector<Condition> conditions_of(const std::vector<std::string>& where);

}  // namespace fovea::memctl
