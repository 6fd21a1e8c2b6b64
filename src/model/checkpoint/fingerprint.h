#pragma once

#include <string>

#include "model/checkpoint/checkpoint.h"

namespace fovea {

/// Checkpoints whose tensor files are larger than this are told apart by samples: reading all of
/// 6.7 GB takes most of a minute.
inline constexpr std::size_t kWholeFingerprintBytes = std::size_t{1} << 30;

/// Tells checkpoints apart: SHA-256 over config.json and the tensor files' bytes, in the order of
/// their names; 64 hex digits. Of files of more than `whole_bytes` together it covers each file's
/// size and header and the beginning, middle and end of every tensor, so that training of any
/// tensor shows, but not a few bytes changed by hand. Throws Error(not_found | io).
std::string fingerprint_of(const std::string& folder, const Checkpoint& checkpoint,
                           std::size_t whole_bytes = kWholeFingerprintBytes);

}  // namespace fovea
