#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/picture.h"

namespace fovea {

/// A picture as it stands in its file, and the file's EXIF block (empty: none).
struct Decoded {
  Picture picture;
  std::string exif;
};

// Each takes a whole file's bytes; `name` is for messages. They throw Error(corruption) for a
// damaged or cut file, Error(unsupported) for one with too many pixels.
Decoded decode_png(std::string_view bytes, const std::string& name);
Decoded decode_jpeg(std::string_view bytes, const std::string& name);
Decoded decode_webp(std::string_view bytes, const std::string& name);

/// Throws Error(unsupported) for more than 100 million pixels; to be called before any memory is
/// taken for them.
void require_bearable(const std::string& name, std::uint64_t width, std::uint64_t height);

/// Throws Error(corruption): what the decoder said, and what to do.
[[noreturn]] void refuse_damaged(const std::string& name, const char* format,
                                 const std::string& reason);

}  // namespace fovea
