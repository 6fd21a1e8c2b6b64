#include "renderer/fallback_glyphs.h"

#include <utf8proc.h>

#include <algorithm>

#include "renderer/area_shrink.h"
#include "renderer/atlas_layout.h"
#include "renderer/code_point_box.h"

namespace fovea {
namespace {

constexpr std::size_t kMaxGlyphs = 8192;  // 13 MB at the largest cells; all CJK in daily use

/// How text is set in one or two cells of full size: as in the atlas, and CJK in its square.
struct Setting {
  double font_size;  // px an em
  double baseline;   // px from the top
};
constexpr Setting kSettings[] = {{kAtlasCellWidth * 2048.0 / 1233.0, 31}, {37, 33}};

std::string key_of(std::string_view bytes, const TextUnit& unit, Density density) {
  std::string key{static_cast<char>(density), static_cast<char>(unit.width)};
  return key.append(bytes);
}

/// The highest code point of valid UTF-8: in a cluster the likeliest to lack a glyph.
char32_t highest(std::string_view bytes) {
  char32_t found = 0;
  while (!bytes.empty()) {
    utf8proc_int32_t code_point;
    const auto* start = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
    bytes.remove_prefix(utf8proc_iterate(start, bytes.size(), &code_point));
    found = std::max(found, static_cast<char32_t>(code_point));
  }
  return found;
}

CodePointBox box_of(std::string_view bytes, const TextUnit& unit) {
  const bool byte = unit.kind == UnitKind::invalid_byte;
  return {.value = byte ? unit.first : highest(bytes),
          .digits = byte || (unit.kind == UnitKind::control && unit.first < 0x100) ? 2 : 4,
          .columns = unit.width,
          .inverted = byte};
}

bool is_blank(const std::vector<std::uint8_t>& pixels) {
  return std::all_of(pixels.begin(), pixels.end(), [](std::uint8_t gray) { return gray == 255; });
}

}  // namespace

std::shared_ptr<const FallbackGlyph> FallbackGlyphs::get(std::string_view bytes,
                                                         const TextUnit& unit, Density density) {
  std::string key = key_of(bytes, unit, density);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return recent_.front().glyph;
  }
  auto glyph = std::make_shared<const FallbackGlyph>(draw(bytes, unit, density));
  recent_.push_front({std::move(key), std::move(glyph)});
  by_key_.emplace(recent_.front().key, recent_.begin());
  if (recent_.size() > kMaxGlyphs) {
    by_key_.erase(recent_.back().key);
    recent_.pop_back();
  }
  return recent_.front().glyph;
}

FallbackGlyph FallbackGlyphs::draw(std::string_view bytes, const TextUnit& unit, Density density) {
  std::vector<std::uint8_t> full;
  if (unit.kind == UnitKind::character || unit.kind == UnitKind::cluster) {
    full = draw_text(bytes, unit.width);
  }
  FallbackGlyph glyph{.pixels = {}, .boxed = full.empty() || is_blank(full)};
  if (glyph.boxed) full = draw_box(atlas_, box_of(bytes, unit));
  const Grid grid = grid_of(density);
  const Size size{unit.width * grid.cell_width, grid.cell_height};
  glyph.pixels.resize(std::size_t(size.width) * size.height);
  shrink_area(full.data(), {unit.width * kAtlasCellWidth, kAtlasCellHeight}, glyph.pixels.data(),
              size);
  return glyph;
}

/// [40, columns * 20] gray, or empty when no font has all of it.
std::vector<std::uint8_t> FallbackGlyphs::draw_text(std::string_view bytes, int columns) {
  if (!raster_) raster_ = std::make_unique<TextRaster>();
  if (!raster_->has_fonts()) return {};
  const Setting& setting = kSettings[columns - 1];
  PangoFontDescriptionHandle font{pango_font_description_new()};
  pango_font_description_set_family(font.get(), "DejaVu Sans Mono,monospace");
  pango_font_description_set_absolute_size(font.get(), setting.font_size * PANGO_SCALE);
  raster_->set(bytes, font.get(), /*fallback=*/true);
  if (raster_->unknown_glyphs() > 0) return {};
  const int width = columns * kAtlasCellWidth;
  return raster_->draw({.width = width,
                        .height = kAtlasCellHeight,
                        .baseline = setting.baseline,
                        .keep_inside = true});
}

}  // namespace fovea
