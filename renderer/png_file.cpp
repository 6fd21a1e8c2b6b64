#include "renderer/png_file.h"

#include <png.h>

#include "core/png_chunks.h"
#include "core/whole_file.h"
#include "fovea/error.h"
#include "fovea/renderer.h"

namespace fovea {
namespace {

/// libpng's state; freed on every way out.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

constexpr std::size_t kMostBytes = 1 << 26;  // of a page: it has 1.6 million pixels

Level level_of_side(Size size, const std::string& path) {
  for (Level level : kLevels) {
    if (size.width == side_of(level) && size.height == side_of(level)) return level;
  }
  throw Error(ErrorCode::invalid_argument,
              path + ": " + std::to_string(size.width) + " x " + std::to_string(size.height) +
                  " px is not a page; a page is a square of 1280, 1024, 640, 512, 384 or 256 px");
}

}  // namespace

GrayPicture read_gray_png(const std::string& path, const std::function<void(Size)>& check) {
  const std::string bytes = read_whole_file(path, kMostBytes);
  const std::string fault = fault_of_png_chunks(bytes);
  if (!fault.empty())
    throw Error(ErrorCode::corruption, path + ": is truncated or damaged: " + fault);
  PngImage image;
  const auto require = [&](int fine) {
    if (!fine) throw Error(ErrorCode::corruption, path + ": " + image.message);
  };
  require(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
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
