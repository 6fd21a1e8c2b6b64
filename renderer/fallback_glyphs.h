#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text_units.h"
#include "renderer/atlas.h"
#include "renderer/text_raster.h"

namespace fovea {

/// A drawn unit that the atlas does not have.
struct FallbackGlyph {
  std::vector<std::uint8_t> pixels;  ///< [cell_height, width * cell_width] gray
  bool boxed;                        ///< no font has it (or it is invisible): a code-point box
};

/// Draws units outside the atlas with the system's fonts and keeps the latest ones. Thread-safe.
class FallbackGlyphs {
 public:
  /// `atlas` lends the digits of code-point boxes and must live as long as this.
  explicit FallbackGlyphs(const Atlas& atlas) : atlas_(atlas) {}

  /// `bytes`: the unit's. Shared, because another thread may drop the glyph from the cache while
  /// this one copies it.
  std::shared_ptr<const FallbackGlyph> get(std::string_view bytes, const TextUnit& unit,
                                           Density density);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const FallbackGlyph> glyph;
  };

  FallbackGlyph draw(std::string_view bytes, const TextUnit& unit, Density density);
  std::vector<std::uint8_t> draw_text(std::string_view bytes, int columns);

  const Atlas& atlas_;
  std::mutex mutex_;                    // guards all below
  std::unique_ptr<TextRaster> raster_;  // made when first needed: fontconfig takes its time
  std::list<Entry> recent_;             // latest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  // keys in recent_
};

}  // namespace fovea
