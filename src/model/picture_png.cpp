#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <png.h>

#include "fovea/error.h"
#include "model/picture.h"

namespace fovea {
namespace {

constexpr std::uint64_t kMaxPixels = 100'000'000;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

/// libpng's reading state and what it said when it failed.
struct Reader {
  std::string error;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<png_bytep> lines;

  Reader() {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error,
                                 [](png_structp, png_const_charp) {});
    if (png) info = png_create_info_struct(png);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    static_cast<Reader*>(png_get_error_ptr(png))->error = message;
    png_longjmp(png, 1);
  }
};

// libpng reports errors by longjmp, so the two functions below hold no objects with destructors.

bool read_header(Reader& reader, std::FILE* file) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_init_io(reader.png, file);
  png_set_user_limits(reader.png, 1'000'000, 1'000'000);
  png_read_info(reader.png, reader.info);
  return true;
}

bool read_pixels(Reader& reader, Picture& picture) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_set_strip_16(reader.png);
  png_set_palette_to_rgb(reader.png);
  png_set_expand_gray_1_2_4_to_8(reader.png);
  png_set_gray_to_rgb(reader.png);
  png_set_strip_alpha(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  if (png_get_rowbytes(reader.png, reader.info) != std::size_t(picture.width) * 3)
    png_error(reader.png, "pixels that cannot be turned to RGB");
  for (int y = 0; y < picture.height; ++y)
    reader.lines[y] = &picture.rgb[std::size_t(y) * picture.width * 3];
  png_read_image(reader.png, reader.lines.data());
  png_read_end(reader.png, reader.info);
  return true;
}

/// The orientation (1 to 8) that an EXIF block gives, 1 when it gives none.
int orientation_of(std::span<const std::uint8_t> exif) {
  if (exif.size() < 8) return 1;
  const bool little = exif[0] == 'I';
  const auto number = [&](std::size_t at, int bytes) -> std::size_t {
    std::size_t value = 0;
    if (at > exif.size() || exif.size() - at < std::size_t(bytes)) return 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | exif[at + (little ? bytes - 1 - i : i)];
    return value;
  };
  const std::size_t directory = number(4, 4);
  for (std::size_t i = 0; i < number(directory, 2); ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    constexpr std::size_t kOrientation = 0x0112;
    if (number(entry, 2) != kOrientation) continue;
    const std::size_t value = number(entry + 8, 2);
    return value >= 1 && value <= 8 ? int(value) : 1;
  }
  return 1;
}

Picture turned(const Picture& in, int orientation) {
  const bool swap = orientation >= 5;
  Picture out{swap ? in.height : in.width, swap ? in.width : in.height, {}};
  out.rgb.resize(in.rgb.size());
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int from_x = swap ? y : x, from_y = swap ? x : y;
      if (flip_x) from_x = in.width - 1 - from_x;
      if (flip_y) from_y = in.height - 1 - from_y;
      std::memcpy(&out.rgb[(std::size_t(y) * out.width + x) * 3],
                  &in.rgb[(std::size_t(from_y) * in.width + from_x) * 3], 3);
    }
  }
  return out;
}

int orientation_of(Reader& reader) {
#ifdef PNG_eXIf_SUPPORTED
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &exif)) return orientation_of({exif, size});
#endif
  return 1;
}

}  // namespace

Picture read_picture(const std::string& path) {
  const FilePtr file(std::fopen(path.c_str(), "rb"));
  if (!file)
    throw Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                "cannot open the picture " + path + ": " + std::strerror(errno));
  Reader reader;
  if (!reader.png || !reader.info)
    throw Error(ErrorCode::io, "no memory to read the picture " + path);
  if (!read_header(reader, file.get()))
    throw Error(ErrorCode::corruption, path + " cannot be read as PNG: " + reader.error);

  Picture picture{int(png_get_image_width(reader.png, reader.info)),
                  int(png_get_image_height(reader.png, reader.info)),
                  {}};
  if (std::uint64_t(picture.width) * picture.height > kMaxPixels)
    throw Error(ErrorCode::unsupported, path + " has " + std::to_string(picture.width) + " x " +
                                            std::to_string(picture.height) +
                                            " pixels, more than the limit of " +
                                            std::to_string(kMaxPixels));
  picture.rgb.resize(std::size_t(picture.width) * picture.height * 3);
  reader.lines.resize(picture.height);
  if (!read_pixels(reader, picture))
    throw Error(ErrorCode::corruption, path + " cannot be read as PNG: " + reader.error);
  const int orientation = orientation_of(reader);
  return orientation == 1 ? picture : turned(picture, orientation);
}

}  // namespace fovea
