#pragma once

#include <array>
#include <string>

#include <sodium.h>

#include "fovea/picture.h"

namespace fovea {

/// Of the picture's RGB bytes, in hexadecimal digits.
inline std::string sha256(const Picture& picture) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), picture.rgb.data(), picture.rgb.size());
  std::string hex(2 * hash.size() + 1, 0);
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

}  // namespace fovea
