#include "context/image_tokens.h"

#include <algorithm>
#include <cmath>

#include "fovea/error.h"

namespace fovea {
namespace {

int cells(double length, double cell) {
  // What a division leaves in the last bits is no further cell.
  return static_cast<int>(std::ceil(length / cell - 1e-9));
}

/// What no budget holds counts as the most that an int holds.
int rounded_up(double tokens) {
  return static_cast<int>(std::min(std::ceil(tokens - 1e-9), 2147483647.0));
}

SeenImage see_grid(const CountRule& rule, int width, int height) {
  const int columns = cells(width, rule.patch), rows = cells(height, rule.patch);
  return {rounded_up(rows * (columns + double(rule.row_end)) + rule.view_end), 1};
}

SeenImage see_tiles(const CountRule& rule, int width, int height) {
  double scale = 1;
  if (rule.fit > 0) scale = std::min(scale, double(rule.fit) / std::max(width, height));
  if (rule.short_side > 0) {
    scale = std::min(scale, double(rule.short_side) / std::min(width, height));
  }
  const double tiles = double(cells(width * scale, rule.tile)) * cells(height * scale, rule.tile);
  return {rounded_up(rule.base + rule.per_tile * tiles), scale};
}

/// Shrinks so that the picture has at most `most` patches and one of its sides is whole patches.
double fit_patches(const CountRule& rule, double width, double height) {
  const double patch = rule.patch;
  const double fit = std::sqrt(patch * patch * rule.most / (width * height));
  const double columns = width * fit / patch, rows = height * fit / patch;
  const auto whole = [](double patches) { return std::max(1.0, std::floor(patches + 1e-9)); };
  return fit * std::min(whole(columns) / columns, whole(rows) / rows);
}

SeenImage see_patches_up(const CountRule& rule, int width, int height) {
  double scale = 1;
  if (rule.max_side > 0) scale = std::min(scale, double(rule.max_side) / std::max(width, height));
  const auto count = [&] {
    return cells(width * scale, rule.patch) * cells(height * scale, rule.patch);
  };
  if (rule.most > 0 && count() > rule.most) {
    scale *= fit_patches(rule, width * scale, height * scale);
  }
  // A picture so narrow that a side has less than a patch cannot be made to fit by its rule.
  const int patches = rule.most > 0 ? std::min(count(), rule.most) : count();
  return {rounded_up(patches * rule.factor), scale};
}

/// Qwen's processor: sides go to the nearest multiple of a patch, and are scaled when the picture
/// has too many pixels or too few.
SeenImage see_patches_nearest(const CountRule& rule, int width, int height) {
  const double patch = rule.patch, area = double(width) * height;
  double columns = std::max(1.0, std::nearbyint(width / patch));
  double rows = std::max(1.0, std::nearbyint(height / patch));
  if (rule.most > 0 && columns * rows > rule.most) {
    const double fit = std::sqrt(rule.most * patch * patch / area);
    columns = std::max(1.0, std::floor(width * fit / patch));
    rows = std::max(1.0, std::floor(height * fit / patch));
  } else if (columns * rows < rule.least) {
    const double fit = std::sqrt(rule.least * patch * patch / area);
    columns = std::ceil(width * fit / patch);
    rows = std::ceil(height * fit / patch);
  }
  return {rounded_up(columns * rows * rule.factor),
          std::min(columns * patch / width, rows * patch / height)};
}

}  // namespace

SeenImage see_image(const CountRule& rule, int width, int height) {
  if (width < 1 || height < 1) {
    throw Error(ErrorCode::invalid_argument, "picture of " + std::to_string(width) + " x " +
                                                 std::to_string(height) + " px");
  }
  switch (rule.kind) {
    case CountRule::Kind::grid: return see_grid(rule, width, height);
    case CountRule::Kind::tiles: return see_tiles(rule, width, height);
    case CountRule::Kind::patches:
      return rule.nearest ? see_patches_nearest(rule, width, height)
                          : see_patches_up(rule, width, height);
    case CountRule::Kind::area:
      return {rounded_up(rule.per_megapixel * width * height / 1e6), 1};
    case CountRule::Kind::flat: return {rule.tokens, 1};
    case CountRule::Kind::none: break;
  }
  throw Error(ErrorCode::invalid_argument, "this target takes no pictures");
}

}  // namespace fovea
