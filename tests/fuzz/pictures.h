#pragma once

#include "picture/decoded.h"
#include "picture/orientation.h"
#include "tests/fuzz/fuzz.h"

namespace fovea::fuzz {

/// Decodes as `decode` does and turns the picture upright: it has all its pixels then.
inline void check_picture(Decoded (*decode)(std::string_view, const std::string&),
                          std::string_view bytes) {
  Decoded decoded;
  if (!accepts([&] { decoded = decode(bytes, "picture"); })) return;
  const Picture picture = upright(std::move(decoded.picture), orientation_of(decoded.exif));
  expect(picture.width >= 1 && picture.height >= 1, "a picture has pixels");
  expect(picture.rgb.size() == std::size_t(picture.width) * picture.height * 3,
         "a picture has all its pixels");
}

/// Sides so large that filling their pixels would leave no time to look for anything else; what
/// is refused for its size is refused elsewhere.
inline bool is_slow(std::uint64_t width, std::uint64_t height) { return width * height > 1 << 20; }

inline std::uint64_t big_endian(std::string_view bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace fovea::fuzz
