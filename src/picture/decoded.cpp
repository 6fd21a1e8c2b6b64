#include "picture/decoded.h"

#include "fovea/error.h"

namespace fovea {

void require_bearable(const std::string& name, std::uint64_t width, std::uint64_t height) {
  constexpr std::uint64_t kMaxPixels = 100'000'000;
  // Divided, so that no product can overflow.
  if (height == 0 || width <= kMaxPixels / height) return;
  throw Error(ErrorCode::unsupported, name + " has " + std::to_string(width) + " x " +
                                          std::to_string(height) +
                                          " pixels, more than the limit of " +
                                          std::to_string(kMaxPixels) + "; scale it down first");
}

void refuse_damaged(const std::string& name, const char* format, const std::string& reason) {
  throw Error(ErrorCode::corruption, name + " cannot be read as " + format + ": " + reason +
                                         "; it is damaged or truncated, get the file again");
}

}  // namespace fovea
