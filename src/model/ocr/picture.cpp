#include "model/ocr/picture.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr int kFractionBits = 22;
constexpr std::uint8_t kPadGray = 127;

double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// The source pixels that one result pixel is made of, and their fixed-point weights.
struct Taps {
  int begin;
  std::vector<std::int32_t> weights;
};

std::vector<Taps> taps_of(int in, int out) {
  const double scale = double(in) / out;
  const double stretch = std::max(scale, 1.0);
  std::vector<Taps> all(out);
  for (int i = 0; i < out; ++i) {
    const double centre = (i + 0.5) * scale;
    const int begin = std::max(0, int(centre - 2 * stretch + 0.5));
    const int end = std::min(in, int(centre + 2 * stretch + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int j = begin; j < end; ++j) {
      weights.push_back(cubic((j - centre + 0.5) * (1 / stretch)));
      sum += weights.back();
    }
    all[i].begin = begin;
    for (const double w : weights)
      all[i].weights.push_back(std::int32_t(w / sum * (1 << kFractionBits) + (w < 0 ? -0.5 : 0.5)));
  }
  return all;
}

std::uint8_t to_byte(std::int64_t sum) {
  return std::uint8_t(
      std::clamp<std::int64_t>((sum + (1 << (kFractionBits - 1))) >> kFractionBits, 0, 255));
}

Picture scale_horizontally(const Picture& in, int width) {
  const auto taps = taps_of(in.width, width);
  Picture out{width, in.height, std::vector<std::uint8_t>(std::size_t(width) * in.height * 3)};
  for (int y = 0; y < in.height; ++y) {
    const std::uint8_t* line = &in.rgb[std::size_t(y) * in.width * 3];
    std::uint8_t* to = &out.rgb[std::size_t(y) * width * 3];
    for (const Taps& t : taps) {
      std::int64_t sum[3] = {};
      const std::uint8_t* from = line + std::size_t(t.begin) * 3;
      for (const std::int32_t w : t.weights)
        for (int c = 0; c < 3; ++c) sum[c] += std::int64_t(w) * *from++;
      for (const std::int64_t s : sum) *to++ = to_byte(s);
    }
  }
  return out;
}

Picture scale_vertically(const Picture& in, int height) {
  const auto taps = taps_of(in.height, height);
  const std::size_t stride = std::size_t(in.width) * 3;
  Picture out{in.width, height, std::vector<std::uint8_t>(stride * height)};
  std::vector<std::int64_t> sums(stride);
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), 0);
    const std::uint8_t* from = &in.rgb[taps[y].begin * stride];
    for (const std::int32_t w : taps[y].weights)
      for (std::size_t i = 0; i < stride; ++i) sums[i] += std::int64_t(w) * *from++;
    std::transform(sums.begin(), sums.end(), &out.rgb[y * stride], to_byte);
  }
  return out;
}

/// Half to even, as Python's round().
int round_even(double value) {
  return int(std::nearbyint(value));
}

}  // namespace

Picture resize_bicubic(const Picture& picture, int width, int height) {
  if (picture.width < 1 || picture.height < 1 || width < 1 || height < 1)
    throw Error(ErrorCode::invalid_argument,
                "cannot scale a picture of " + std::to_string(picture.width) + " x " +
                    std::to_string(picture.height) + " pixels to " + std::to_string(width) + " x " +
                    std::to_string(height) + ": every side must keep at least one pixel");
  if (width == picture.width && height == picture.height) return picture;
  if (width == picture.width) return scale_vertically(picture, height);
  Picture wide = scale_horizontally(picture, width);
  return height == picture.height ? wide : scale_vertically(wide, height);
}

PadBox pad_box(int width, int height, int side) {
  PadBox box{0, 0, side, side};
  if (width > height) box.height = round_even(double(height) / width * side);
  if (width < height) box.width = round_even(double(width) / height * side);
  box.x = round_even((side - box.width) * 0.5);
  box.y = round_even((side - box.height) * 0.5);
  return box;
}

Picture pad_to_square(const Picture& picture, int side) {
  const PadBox box = pad_box(picture.width, picture.height, side);
  const Picture content = resize_bicubic(picture, box.width, box.height);
  Picture out{side, side, std::vector<std::uint8_t>(std::size_t(side) * side * 3, kPadGray)};
  for (int y = 0; y < box.height; ++y)
    std::copy_n(&content.rgb[std::size_t(y) * box.width * 3], box.width * 3,
                &out.rgb[(std::size_t(box.y + y) * side + box.x) * 3]);
  return out;
}

TileGrid choose_tiles(int width, int height, int max_tiles) {
  TileGrid best;
  if (width <= kTileSide && height <= kTileSide) return best;
  const double aspect = double(width) / height;
  const double area = double(width) * height;
  double best_distance = INFINITY;
  // Among grids of equally many tiles no two are equally near, so their order is free.
  for (int tiles = 2; tiles <= max_tiles; ++tiles) {
    for (int columns = 1; columns <= tiles; ++columns) {
      if (tiles % columns != 0) continue;
      const int rows = tiles / columns;
      const double distance = std::abs(aspect - double(columns) / rows);
      const bool larger_wins =
          distance == best_distance && area > 0.5 * kTileSide * kTileSide * tiles;
      if (distance < best_distance || larger_wins) best = {columns, rows};
      best_distance = std::min(best_distance, distance);
    }
  }
  return best;
}

std::vector<Picture> cut_tiles(const Picture& picture, TileGrid grid) {
  std::vector<Picture> tiles;
  if (grid.columns * grid.rows <= 1) return tiles;
  const Picture whole = resize_bicubic(picture, grid.columns * kTileSide, grid.rows * kTileSide);
  constexpr int kLine = kTileSide * 3;
  for (int i = 0; i < grid.columns * grid.rows; ++i) {
    const int left = i % grid.columns * kTileSide, top = i / grid.columns * kTileSide;
    Picture tile{kTileSide, kTileSide, std::vector<std::uint8_t>(std::size_t(kLine) * kTileSide)};
    for (int y = 0; y < kTileSide; ++y)
      std::copy_n(&whole.rgb[(std::size_t(top + y) * whole.width + left) * 3], kLine,
                  &tile.rgb[std::size_t(y) * kLine]);
    tiles.push_back(std::move(tile));
  }
  return tiles;
}

int valid_tokens(int width, int height, int tokens) {
  const int longer = std::max(width, height), shorter = std::min(width, height);
  return int(tokens * (1 - double(longer - shorter) / longer));
}

}  // namespace fovea
