#include <png.h>


#include "fovea/error.h"
#include "fovea/renderer.h"

namespace fovea {
namespace {

/// libpng's read and write state; freed on every way out.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

}  // namespace

void write_png(const std::string& path, const std::vector<std::uint8_t>& pixels, int width, int height) {
  if (width <= 0 || height <= 0 || pixels.size() != std::size_t(width) * height) {
    throw Error(ErrorCode::invalid_argument, "write_png: expected " + std::to_string(width) + " x " +
                                                 std::to_string(height) + " pixels, got " +
                                                 std::to_string(pixels.size()));
  }
  PngImage image;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_GRAY;
  if (!png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), width, nullptr)) {
    throw Error(ErrorCode::io, "cannot write " + path + ": " + image.message);
  }
}

}  // namespace fovea
