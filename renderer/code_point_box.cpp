#include "renderer/code_point_box.h"

#include <algorithm>
#include <string>

#include "renderer/area_shrink.h"
#include "renderer/atlas_layout.h"

namespace fovea {
namespace {

std::string hex(char32_t value, int digits) {
  std::string text;
  for (; value > 0 || static_cast<int>(text.size()) < digits; value >>= 4) {
    text.insert(text.begin(), "0123456789ABCDEF"[value & 15]);
  }
  return text;
}

/// A picture of one or two cells with a frame one pixel from its edge.
class Box {
 public:
  explicit Box(int width) : width_(width), gray_(std::size_t(width) * kAtlasCellHeight, 255) {
    for (int x = 1; x < width - 1; ++x) at(x, 1) = at(x, kAtlasCellHeight - 2) = 0;
    for (int y = 1; y < kAtlasCellHeight - 1; ++y) at(1, y) = at(width - 2, y) = 0;
  }

  void put_digit(const Atlas& atlas, char digit, int left, int top, Size size) {
    const int glyph = atlas.find(static_cast<char32_t>(digit));
    if (glyph < 0) return;
    std::vector<std::uint8_t> small(std::size_t(size.width) * size.height);
    shrink_area(atlas.full_size(glyph), {kAtlasCellWidth, kAtlasCellHeight}, small.data(), size);
    for (int y = 0; y < size.height; ++y) {
      std::copy_n(&small[std::size_t(y) * size.width], size.width, &at(left, top + y));
    }
  }

  std::vector<std::uint8_t> take(bool inverted) {
    if (inverted) {
      for (std::uint8_t& gray : gray_) gray = 255 - gray;
    }
    return std::move(gray_);
  }

 private:
  std::uint8_t& at(int x, int y) { return gray_[std::size_t(y) * width_ + x]; }

  int width_;
  std::vector<std::uint8_t> gray_;
};

}  // namespace

std::vector<std::uint8_t> draw_box(const Atlas& atlas, const CodePointBox& box) {
  const std::string digits = hex(box.value, box.digits);
  const int count = static_cast<int>(digits.size());
  const int width = box.columns * kAtlasCellWidth;
  const int across = box.columns == 2 ? (count + 1) / 2 : 2;
  const int down = (count + across - 1) / across;
  const Size size{8, down > 2 ? 12 : 16};
  const int left = (width - across * size.width) / 2,
            top = (kAtlasCellHeight - down * size.height) / 2;
  Box picture(width);
  for (int i = 0; i < count; ++i) {
    picture.put_digit(atlas, digits[i], left + i % across * size.width,
                      top + i / across * size.height, size);
  }
  return picture.take(box.inverted);
}

}  // namespace fovea
