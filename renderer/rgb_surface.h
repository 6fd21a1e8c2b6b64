#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "renderer/handles.h"

namespace fovea {

/// A picture in cairo's memory. `pixel_at(x, y)`: 0xRRGGBB. Throws std::bad_alloc.
template <typename Pixel>
CairoSurface rgb_surface(int width, int height, Pixel pixel_at) {
  CairoSurface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) throw std::bad_alloc();
  unsigned char* row = cairo_image_surface_get_data(surface.get());
  for (int y = 0; y < height; ++y, row += cairo_image_surface_get_stride(surface.get())) {
    for (int x = 0; x < width; ++x) {
      const std::uint32_t pixel = pixel_at(x, y);
      std::memcpy(row + std::size_t(x) * sizeof pixel, &pixel, sizeof pixel);
    }
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

}  // namespace fovea
