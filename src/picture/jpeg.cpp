#include <csetjmp>
#include <cstdio>
#include <string>
#include <vector>

#include <jpeglib.h>
// The codes of libjpeg's messages; after jpeglib.h, which it needs.
#include <jerror.h>

#include "picture/decoded.h"

namespace fovea {
namespace {

/// A file with thousands of scans over a large picture would take hours; cameras write about ten.
constexpr int kMaxScans = 500;

/// libjpeg's reading state and what it said when it failed.
struct Reader {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump;
  std::string error;
  bool cut = false;
  std::vector<JSAMPLE> line;  // of a CMYK picture

  Reader() {
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = on_error;
    errors.emit_message = on_message;
    jpeg.client_data = this;
    progress.progress_monitor = on_progress;
  }
  ~Reader() { jpeg_destroy_decompress(&jpeg); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  static Reader& of(j_common_ptr jpeg) { return *static_cast<Reader*>(jpeg->client_data); }

  [[noreturn]] static void on_error(j_common_ptr jpeg) {
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    fail(jpeg, message);
  }

  [[noreturn]] static void fail(j_common_ptr jpeg, const char* message) {
    Reader& reader = of(jpeg);
    reader.error = message;
    std::longjmp(reader.jump, 1);
  }

  /// Where bits are missing libjpeg goes on with gray: text that is not in the picture any more.
  static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    const int code = jpeg->err->msg_code;
    if (code == JWRN_HIT_MARKER || code == JWRN_JPEG_EOF) of(jpeg).cut = true;
  }

  static void on_progress(j_common_ptr jpeg) {
    if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMaxScans)
      fail(jpeg, "too many scans");
  }
};

// libjpeg reports errors by longjmp, so the two functions below hold no objects with destructors.

bool read_header(Reader& reader, std::string_view bytes) {
  if (setjmp(reader.jump)) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_save_markers(&reader.jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&reader.jpeg, TRUE);
  return true;
}

/// Adobe's CMYK is stored inverted: 255 is no ink.
void cmyk_to_rgb(const JSAMPLE* from, int width, JSAMPLE* to) {
  for (int x = 0; x < width; ++x, from += 4) {
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - from[c]) * from[3] + 128;  // / 255, rounded
      *to++ = JSAMPLE(from[3] - ((product + (product >> 8)) >> 8));
    }
  }
}

bool read_pixels(Reader& reader, Picture& picture) {
  if (setjmp(reader.jump)) return false;
  const bool inks = reader.jpeg.num_components == 4;
  reader.jpeg.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&reader.jpeg);
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    JSAMPLE* to = &picture.rgb[std::size_t(reader.jpeg.output_scanline) * picture.width * 3];
    JSAMPLE* line = inks ? reader.line.data() : to;
    jpeg_read_scanlines(&reader.jpeg, &line, 1);
    if (inks) cmyk_to_rgb(line, picture.width, to);
  }
  return true;
}

std::string exif_of(const Reader& reader) {
  for (auto* marker = reader.jpeg.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.starts_with(std::string_view("Exif\0\0", 6))) return std::string(data);
  }
  return {};
}

}  // namespace

Decoded decode_jpeg(std::string_view bytes, const std::string& name) {
  Reader reader;
  if (!read_header(reader, bytes)) refuse_damaged(name, "JPEG", reader.error);
  Decoded decoded;
  Picture& picture = decoded.picture;
  picture.width = int(reader.jpeg.image_width);
  picture.height = int(reader.jpeg.image_height);
  require_bearable(name, picture.width, picture.height);
  decoded.exif = exif_of(reader);
  picture.rgb.resize(std::size_t(picture.width) * picture.height * 3);
  reader.line.resize(std::size_t(picture.width) * 4);
  if (!read_pixels(reader, picture)) refuse_damaged(name, "JPEG", reader.error);
  if (reader.cut) refuse_damaged(name, "JPEG", "pixels are missing");
  return decoded;
}

}  // namespace fovea
