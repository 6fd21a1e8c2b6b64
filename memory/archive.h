#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fovea {

/// SHA-256 of `bytes`, 32 raw bytes.
std::string sha256(std::string_view bytes);
/// Two lower-case hexadecimal digits a byte.
std::string hex(std::string_view bytes);

/// One zstd frame.
std::string compress(std::string_view text);
/// Nothing when `packed` is damaged or does not hold exactly `size` bytes.
std::optional<std::string> decompress(std::string_view packed, std::size_t size);

}  // namespace fovea
