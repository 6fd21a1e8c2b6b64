#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "fovea/error.h"
#include "fovea/renderer.h"
#include "renderer/area_shrink.h"
#include "tests/renderer/fixture.h"

using namespace fovea;

namespace {

/// The definition, pixel by pixel: the mean over the covered area in exact arithmetic, half up.
std::vector<std::uint8_t> shrunk_naively(const std::vector<std::uint8_t>& in, Size from, Size to) {
  const auto overlap = [](long i, long o, long in_size, long out_size) {  // times out_size
    return std::max(
        0L, std::min((i + 1) * out_size, (o + 1) * in_size) - std::max(i * out_size, o * in_size));
  };
  std::vector<std::uint8_t> out;
  for (int oy = 0; oy < to.height; ++oy) {
    for (int ox = 0; ox < to.width; ++ox) {
      long sum = 0;
      const int top = oy * from.height / to.height, left = ox * from.width / to.width;
      for (int y = top; y < from.height && overlap(y, oy, from.height, to.height) > 0; ++y) {
        for (int x = left; x < from.width && overlap(x, ox, from.width, to.width) > 0; ++x) {
          sum += in[std::size_t(y) * from.width + x] * overlap(y, oy, from.height, to.height) *
                 overlap(x, ox, from.width, to.width);
        }
      }
      const long area = long(from.width) * from.height;
      out.push_back(static_cast<std::uint8_t>((2 * sum + area) / (2 * area)));
    }
  }
  return out;
}

std::vector<std::uint8_t> noise(std::size_t size) {
  std::mt19937 random(5);
  std::vector<std::uint8_t> pixels(size);
  for (std::uint8_t& pixel : pixels)
    pixel = random() % 3 == 0 ? 255 : static_cast<std::uint8_t>(random());
  return pixels;
}

}  // namespace

TEST_CASE("shrink: every level is the exact area mean, rounded half up") {
  Page page;
  page.pixels = noise(std::size_t(kCanvasSide) * kCanvasSide);
  for (Level level : kLevels) {
    const int side = side_of(level);
    const Page small = shrink(page, level);
    CHECK(small.level == level);
    CHECK((small.pixels == shrunk_naively(page.pixels, {1280, 1280}, {side, side})));
  }
}

TEST_CASE("shrink: glyphs of every density are exact too") {
  for (int width : {20, 40}) {
    const std::vector<std::uint8_t> glyph = noise(std::size_t(width) * 40);
    for (Density density : kDensities) {
      const Grid grid = grid_of(density);
      const Size to{width / 20 * grid.cell_width, grid.cell_height};
      std::vector<std::uint8_t> small(std::size_t(to.width) * to.height);
      shrink_area(glyph.data(), {width, 40}, small.data(), to);
      CHECK(small == shrunk_naively(glyph, {width, 40}, to));
    }
  }
}

TEST_CASE("shrink: a half is rounded up") {
  const std::uint8_t two_by_two[] = {0, 1, 1, 0};
  std::uint8_t mean = 9;
  shrink_area(two_by_two, {2, 2}, &mean, {1, 1});
  CHECK(mean == 1);
}

TEST_CASE("shrink: black stays black and white stays white") {
  for (std::uint8_t gray : {0, 255}) {
    Page page;
    page.pixels.assign(std::size_t(kCanvasSide) * kCanvasSide, gray);
    for (Level level : kLevels) {
      const Page small = shrink(page, level);
      CHECK(std::count(small.pixels.begin(), small.pixels.end(), gray) == std::ssize(small.pixels));
    }
  }
}

TEST_CASE("shrink: text, cells and report go with the page") {
  const Page page = shared_renderer().render("one \xFF", Density::d80, Level::large).front();
  const Page small = shrink(page, Level::faint);
  CHECK(small.density == Density::d80);
  CHECK(small.text == page.text);
  CHECK(text_of(small) == page.text);
  CHECK(small.report.invalid_bytes == 1);
  CHECK(small.pixels.size() == 384 * 384);
}

TEST_CASE("shrink: a page that is not drawn at 1280 is refused") {
  CHECK_THROWS_AS(shrink(Page{}, Level::tiny), Error);
  const Page page = shared_renderer().render("x", Density::d80, Level::base).front();
  CHECK_THROWS_AS(shrink(page, Level::tiny), Error);
}

TEST_CASE("shrink: a ratio that no level has is refused") {
  std::uint8_t pixels[49] = {}, out[9];
  CHECK_THROWS_AS(shrink_area(pixels, {7, 7}, out, {3, 3}), Error);
}
