// JPEG, with its EXIF block.
#include "tests/fuzz/pictures.h"

using namespace fovea;

namespace {

/// Any segment that gives the frame's sides, wherever it stands.
bool is_slow_jpeg(std::string_view bytes) {
  for (std::size_t at = 0; at + 9 < bytes.size(); ++at) {
    const auto marker = static_cast<unsigned char>(bytes[at + 1]);
    if (bytes[at] != '\xFF' || marker < 0xC0 || marker > 0xCF) continue;
    if (fuzz::is_slow(fuzz::big_endian(bytes, at + 5, 2), fuzz::big_endian(bytes, at + 7, 2)))
      return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  if (is_slow_jpeg(bytes)) return -1;
  fuzz::check_picture(decode_jpeg, bytes);
  return 0;
}
