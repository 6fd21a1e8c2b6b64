#include <array>
#include <string>

#include "fovea/error.h"
#include "fovea/ocr.h"

namespace fovea {
namespace {

constexpr std::array<std::string_view, 5> kNames{"tiny", "small", "base", "large", "gundam"};

}  // namespace

std::string_view name_of(OcrMode mode) { return kNames[static_cast<std::size_t>(mode)]; }

OcrMode ocr_mode_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<OcrMode>(i);
  throw Error(ErrorCode::invalid_argument, "unknown mode \"" + std::string(name) +
                                               "\"; expected tiny, small, base, large or gundam");
}

}  // namespace fovea
