#pragma once

#include <cstddef>
#include <string_view>

namespace fovea::memctl {

/// Bytes that a text takes with zstd -19, and with xz at its default level. They throw
/// std::bad_alloc for want of memory.
std::size_t zstd_size(std::string_view text);
std::size_t xz_size(std::string_view text);

}  // namespace fovea::memctl
