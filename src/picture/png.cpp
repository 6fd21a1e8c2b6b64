#include <cstring>
#include <string>
#include <vector>

#include <png.h>

#include "core/png_chunks.h"
#include "picture/decoded.h"

namespace fovea {
namespace {

/// libpng's reading state and what it said when it failed.
struct Reader {
  std::string_view rest;
  std::string error;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<png_bytep> lines;

  explicit Reader(std::string_view bytes) : rest(bytes) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error,
                                 [](png_structp, png_const_charp) {});
    if (png) info = png_create_info_struct(png);
    if (png) png_set_read_fn(png, this, on_read);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    static_cast<Reader*>(png_get_error_ptr(png))->error = message;
    png_longjmp(png, 1);
  }

  static void on_read(png_structp png, png_bytep to, std::size_t count) {
    auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
    if (count > reader->rest.size()) png_error(png, "the file ends early");
    std::memcpy(to, reader->rest.data(), count);
    reader->rest.remove_prefix(count);
  }
};

// libpng reports errors by longjmp, so the two functions below hold no objects with destructors.

bool read_header(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
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
    png_error(reader.png, "pixels that cannot be converted to RGB");
  for (int y = 0; y < picture.height; ++y)
    reader.lines[y] = &picture.rgb[std::size_t(y) * picture.width * 3];
  png_read_image(reader.png, reader.lines.data());
  png_read_end(reader.png, reader.info);
  return true;
}

std::string exif_of(Reader& reader) {
#ifdef PNG_eXIf_SUPPORTED
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &exif))
    return {reinterpret_cast<const char*>(exif), size};
#endif
  return {};
}

}  // namespace

Decoded decode_png(std::string_view bytes, const std::string& name) {
  const std::string fault = fault_of_png_chunks(bytes);
  if (!fault.empty()) refuse_damaged(name, "PNG", fault);
  Reader reader(bytes);
  if (!reader.png || !reader.info) throw std::bad_alloc();
  if (!read_header(reader)) refuse_damaged(name, "PNG", reader.error);
  Decoded decoded;
  Picture& picture = decoded.picture;
  picture.width = int(png_get_image_width(reader.png, reader.info));
  picture.height = int(png_get_image_height(reader.png, reader.info));
  require_bearable(name, picture.width, picture.height);
  picture.rgb.resize(std::size_t(picture.width) * picture.height * 3);
  reader.lines.resize(picture.height);
  if (!read_pixels(reader, picture)) refuse_damaged(name, "PNG", reader.error);
  decoded.exif = exif_of(reader);
  return decoded;
}

}  // namespace fovea
