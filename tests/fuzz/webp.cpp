// WebP, with its EXIF block.
#include <webp/decode.h>

#include "tests/fuzz/pictures.h"

using namespace fovea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  int width = 0, height = 0;
  if (WebPGetInfo(data, size, &width, &height) &&
      fuzz::is_slow(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height)))
    return -1;
  fuzz::check_picture(decode_webp, fuzz::text_of(data, size));
  return 0;
}
