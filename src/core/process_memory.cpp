#include "core/process_memory.h"

#include <fstream>
#include <sstream>
#include <string>

namespace fovea {

std::uint64_t process_bytes(std::string_view name) {
  const std::string field = std::string(name) + ":";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(field)) continue;
    std::uint64_t kilobytes = 0;
    std::istringstream(line.substr(field.size())) >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

}  // namespace fovea
