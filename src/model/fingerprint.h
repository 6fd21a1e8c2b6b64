#pragma once

#include <string>

#include "model/checkpoint.h"

namespace fovea {

/// Tells checkpoints apart: SHA-256 over config.json and the tensor files' bytes, in the order of
/// their names; 64 hex digits. Throws Error(not_found | io).
std::string fingerprint_of(const std::string& folder, const Checkpoint& checkpoint);

}  // namespace fovea
