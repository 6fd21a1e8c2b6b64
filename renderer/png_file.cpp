#include "renderer/png_file.h"

#include <png.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "fovea/error.h"
#include "fovea/renderer.h"
#include "src/core/whole_file.h"

namespace fovea {
namespace {

/// libpng's state; freed on every way out.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File open(const std::string& path, const char* mode) {
  File file{std::fopen(path.c_str(), mode)};
  if (file) return file;
  const int error = errno;
  throw Error(error == ENOENT ? ErrorCode::not_found : ErrorCode::io,
              path + ": cannot be opened: " + std::strerror(error));
}

/// libpng takes memory for what a chunk says it holds, up to 2 GiB, before it is there: a chunk
/// that the file has no room for is refused first. Not of a pipe, whose size nobody knows.
void require_whole_chunks(std::FILE* file, const std::string& path) {
  if (std::fseek(file, 0, SEEK_END) != 0) return;
  const long size = std::ftell(file);
  constexpr long kSignature = 8, kAround = 12;  // length, name and checksum of a chunk
  std::array<unsigned char, 8> head{};
  for (long at = kSignature; at < size;) {
    std::fseek(file, at, SEEK_SET);
    if (std::fread(head.data(), head.size(), 1, file) != 1) break;
    const long length = static_cast<long>(png_get_uint_32(head.data()));
    if (length > size - at - kAround)
      throw Error(ErrorCode::corruption, path + ": is cut or damaged: a chunk of " +
                                             std::to_string(length) + " bytes at byte " +
                                             std::to_string(at) + " of " + std::to_string(size));
    if (std::memcmp(&head[4], "IEND", 4) == 0) break;
    at += kAround + length;
  }
  std::rewind(file);
}

Level level_of_side(Size size, const std::string& path) {
  for (Level level : kLevels) {
    if (size.width == side_of(level) && size.height == side_of(level)) return level;
  }
  throw Error(ErrorCode::invalid_argument,
              path + ": " + std::to_string(size.width) + " x " + std::to_string(size.height) +
                  " px is no page; a page is a square of 1280, 1024, 640, 512, 384 or 256 px");
}

}  // namespace

GrayPicture read_gray_png(const std::string& path, const std::function<void(Size)>& check) {
  const File file = open(path, "rb");
  require_whole_chunks(file.get(), path);
  PngImage image;
  const auto require = [&](int fine) {
    if (!fine) throw Error(ErrorCode::corruption, path + ": " + image.message);
  };
  require(png_image_begin_read_from_stdio(&image, file.get()));
  GrayPicture picture{{static_cast<int>(image.width), static_cast<int>(image.height)}, {}};
  check(picture.size);
  image.format = PNG_FORMAT_GRAY;
  picture.pixels.resize(PNG_IMAGE_SIZE(image));
  const png_color white{255, 255, 255};
  require(png_image_finish_read(&image, &white, picture.pixels.data(), 0, nullptr));
  return picture;
}

std::vector<std::uint8_t> png_of(const std::vector<std::uint8_t>& pixels, int width, int height) {
  if (width <= 0 || height <= 0 || pixels.size() != std::size_t(width) * height) {
    throw Error(ErrorCode::invalid_argument, "picture of " + std::to_string(width) + " x " +
                                                 std::to_string(height) + " px: got " +
                                                 std::to_string(pixels.size()) + " pixels");
  }
  PngImage image;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_GRAY;
  std::vector<std::uint8_t> bytes(PNG_IMAGE_PNG_SIZE_MAX(image));
  png_alloc_size_t size = bytes.size();
  if (!png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), width, nullptr)) {
    throw Error(ErrorCode::io, std::string("picture: ") + image.message);
  }
  bytes.resize(size);
  return bytes;
}

void write_png(const std::string& path, const std::vector<std::uint8_t>& pixels, int width,
               int height) {
  if (width <= 0 || height <= 0 || pixels.size() != std::size_t(width) * height) {
    throw Error(ErrorCode::invalid_argument, path + ": expected " + std::to_string(width) + " x " +
                                                 std::to_string(height) + " pixels, got " +
                                                 std::to_string(pixels.size()));
  }
  const std::vector<std::uint8_t> bytes = png_of(pixels, width, height);
  write_whole_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Page read_page_png(const std::string& path, Density density) {
  GrayPicture picture = read_gray_png(path, [&path](Size size) { level_of_side(size, path); });
  Page page;
  page.density = density;
  page.level = level_of_side(picture.size, path);
  page.pixels = std::move(picture.pixels);
  return page;
}

}  // namespace fovea
