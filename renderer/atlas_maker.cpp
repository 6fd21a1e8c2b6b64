#include "renderer/atlas_maker.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>

#include "renderer/atlas_characters.h"
#include "renderer/atlas_layout.h"
#include "renderer/atlas_marks.h"
#include "renderer/glyph_drawer.h"

namespace fovea {
namespace {

constexpr int kAlike = 1200;  // gray levels that bitmaps differ by in the sum, of 204,000 in a cell

// Bars that set a character apart, by bits; the fewest first.
constexpr int kBarsInTurn[] = {1, 2, 4, 8, 16, 32, 64, 128, 3, 12, 48, 5, 10, 20, 40, 33};
constexpr int kMostBars = 16;

void paste(AtlasPicture& atlas, int slot, const Bitmap& bitmap) {
  const int width = static_cast<int>(bitmap.size()) / kAtlasCellHeight;
  for (int y = 0; y < kAtlasCellHeight; ++y) {
    const int top = slot / kAtlasColumns * kAtlasCellHeight + y;
    const int left = slot % kAtlasColumns * kAtlasCellWidth;
    std::copy_n(&bitmap[y * width], width, &atlas.pixels[top * kAtlasWidth + left]);
  }
}

Bitmap cut_out(const AtlasPicture& atlas, int slot, int width) {
  Bitmap bitmap;
  for (int y = 0; y < kAtlasCellHeight; ++y) {
    const int top = slot / kAtlasColumns * kAtlasCellHeight + y;
    const auto row =
        atlas.pixels.begin() + top * kAtlasWidth + slot % kAtlasColumns * kAtlasCellWidth;
    bitmap.insert(bitmap.end(), row, row + width);
  }
  return bitmap;
}

/// What two bitmaps differ by, in gray levels in the sum; more than `most` is not counted on.
int difference(const Bitmap& a, const Bitmap& b, int most) {
  int sum = 0;
  for (std::size_t i = 0; i < a.size() && sum <= most; ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

/// Bitmaps to be told apart, found by the sum of their ink: those drawn alike have nearly the same.
class Drawn {
 public:
  /// Of the bitmaps so far, those within `tolerance`.
  std::vector<std::size_t> alike(const Bitmap& bitmap, int tolerance) const {
    std::vector<std::size_t> found;
    const long ink = ink_of(bitmap);
    for (auto at = by_ink_.lower_bound(ink - tolerance);
         at != by_ink_.end() && at->first <= ink + tolerance; ++at) {
      const Bitmap& other = bitmaps_[at->second];
      if (other.size() == bitmap.size() && difference(other, bitmap, tolerance) <= tolerance)
        found.push_back(at->second);
    }
    return found;
  }
  void add(const Bitmap& bitmap) {
    by_ink_.emplace(ink_of(bitmap), bitmaps_.size());
    bitmaps_.push_back(bitmap);
  }

 private:
  static long ink_of(const Bitmap& bitmap) {
    return std::accumulate(bitmap.begin(), bitmap.end(), 0L);
  }

  std::vector<Bitmap> bitmaps_;
  std::multimap<long, std::size_t> by_ink_;
};

/// A bar more until it is like none of those before.
void set_apart(Bitmap& bitmap, const Drawn& before) {
  const Bitmap bare = bitmap;
  const int width = static_cast<int>(bitmap.size()) / kAtlasCellHeight;
  for (int bars = 0; bars < kMostBars && !before.alike(bitmap, kAlike).empty(); ++bars) {
    bitmap = bare;
    for (int bar = 0; bar < 8; ++bar) {
      if (kBarsInTurn[bars] >> bar & 1) add_bar(bitmap, width, bar);
    }
  }
}

}  // namespace

AtlasPicture make_atlas() {
  AtlasPicture atlas{.font = "DejaVu Sans Mono 2.37 + GNU Unifont",
                     .narrow = {},
                     .wide = {},
                     .groups = {},
                     .pixels = {}};
  GlyphDrawer drawer;
  Drawn drawn;
  std::vector<Bitmap> narrow, wide;
  for (const AtlasGroup& group : atlas_characters()) {
    const bool first = group.wide ? wide.empty() : narrow.empty();
    std::u32string& characters = group.wide ? atlas.wide : atlas.narrow;
    if (group.wide || !first) atlas.groups.push_back(atlas.narrow.size() + atlas.wide.size());
    for (const char32_t character : group.characters) {
      std::optional<Bitmap> bitmap = drawer.draw(character);
      if (!bitmap || is_blank(*bitmap)) continue;
      if (!first) set_apart(*bitmap, drawn);  // the commonest are as their fonts draw them
      drawn.add(*bitmap);
      characters += character;
      (group.wide ? wide : narrow).push_back(std::move(*bitmap));
    }
  }
  const int narrow_count = static_cast<int>(narrow.size()),
            wide_count = static_cast<int>(wide.size());
  atlas.height = atlas_rows(narrow_count, wide_count) * kAtlasCellHeight;
  atlas.pixels.assign(std::size_t(atlas.height) * kAtlasWidth, 255);
  for (int k = 0; k < narrow_count; ++k) paste(atlas, k, narrow[k]);
  for (int j = 0; j < wide_count; ++j) paste(atlas, wide_slot(narrow_count, j), wide[j]);
  return atlas;
}

std::vector<std::pair<char32_t, char32_t>> look_alikes(const AtlasPicture& atlas) {
  const std::u32string characters = atlas.narrow + atlas.wide;
  const int narrow_count = static_cast<int>(atlas.narrow.size());
  Drawn drawn;
  std::vector<std::pair<char32_t, char32_t>> pairs;
  for (int k = 0; k < static_cast<int>(characters.size()); ++k) {
    const Bitmap bitmap = k < narrow_count
                              ? cut_out(atlas, k, kAtlasCellWidth)
                              : cut_out(atlas, wide_slot(narrow_count, k - narrow_count),
                                        2 * kAtlasCellWidth);
    for (const std::size_t before : drawn.alike(bitmap, kAlike))
      pairs.emplace_back(characters[before], characters[k]);
    drawn.add(bitmap);
  }
  return pairs;
}

}  // namespace fovea
