#pragma once

#include <cstdint>
#include <string_view>

namespace fovea {

/// Bytes of this process by the kernel's count, field `name` of /proc/self/status: "VmRSS" resident
/// now, "VmHWM" at most, "RssAnon" what no file backs. 0 where the system does not say.
std::uint64_t process_bytes(std::string_view name);

}  // namespace fovea
