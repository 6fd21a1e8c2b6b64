#pragma once

#include <string>

#include "fovea/policy.h"

namespace fovea::memctl {

/// A file's bytes; "-": stdin. Throws Error(not_found | io) naming it.
std::string read_file(const std::string& path);
/// A preset of that name, or a JSON file. Throws Error(not_found | invalid_argument) naming the file
/// and the key.
Policy policy_from_name(const std::string& name);

}  // namespace fovea::memctl
