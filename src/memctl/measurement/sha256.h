#pragma once

#include <string>

namespace fovea::memctl {

/// 64 hexadecimal digits.
std::string sha256_of(const std::string& bytes);

}  // namespace fovea::memctl
