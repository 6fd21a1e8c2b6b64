#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "fovea/error.h"
#include "fovea/renderer.h"
#include "tests/renderer/fixture.h"

using namespace fovea;

namespace {

ErrorCode code_of_reading(const std::string& path) {
  try {
    read_page_png(path, Density::d106);
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find(path) != std::string::npos);
    return error.code();
  }
  return ErrorCode::unsupported;
}

}  // namespace

TEST_CASE("png: a page comes back pixel by pixel, its level by its side") {
  TemporaryFolder folder;
  for (Level level : kLevels) {
    const Page page = shared_renderer().render("A page.\n", Density::d80, level).front();
    write_png(folder.file("page.png"), page.pixels, side_of(level), side_of(level));
    const Page back = read_page_png(folder.file("page.png"), Density::d80);
    CHECK(back.level == level);
    CHECK(back.density == Density::d80);
    CHECK((back.pixels == page.pixels));
    CHECK(back.cells.empty());
  }
}

TEST_CASE("png: every gray value is kept") {
  TemporaryFolder folder;
  std::vector<std::uint8_t> pixels(256 * 256);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
  write_png(folder.file("ramp.png"), pixels, 256, 256);
  CHECK((read_page_png(folder.file("ramp.png"), Density::d64).pixels == pixels));
}

TEST_CASE("png: the bytes in memory are those of the file") {
  TemporaryFolder folder;
  const std::vector<std::uint8_t> pixels(256 * 256, 7);
  write_png(folder.file("flat.png"), pixels, 256, 256);
  std::ifstream file(folder.file("flat.png"), std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  CHECK((png_of(pixels, 256, 256) == bytes));
  CHECK_THROWS_AS(png_of(pixels, 256, 255), Error);
}

TEST_CASE("png: what is no page is refused by file name") {
  TemporaryFolder folder;
  write_png(folder.file("odd.png"), std::vector<std::uint8_t>(300 * 200), 300, 200);
  CHECK(code_of_reading(folder.file("odd.png")) == ErrorCode::invalid_argument);
  CHECK(code_of_reading(folder.file("none.png")) == ErrorCode::not_found);
  std::ofstream(folder.file("text.png")) << "no picture";
  CHECK(code_of_reading(folder.file("text.png")) == ErrorCode::corruption);

  const Page page = shared_renderer().render("A page.\n", Density::d80, Level::trace).front();
  write_png(folder.file("cut.png"), page.pixels, 256, 256);
  std::filesystem::resize_file(folder.file("cut.png"), 300);
  CHECK(code_of_reading(folder.file("cut.png")) == ErrorCode::corruption);
}

TEST_CASE("png: no memory is taken for a chunk that the file has no room for") {
  TemporaryFolder folder;
  write_png(folder.file("page.png"), std::vector<std::uint8_t>(256 * 256, 7), 256, 256);
  std::ifstream file(folder.file("page.png"), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  bytes.insert(33, "\x60\x0a\x1a\x65" "eXIfMM");  // after IHDR
  std::ofstream(folder.file("page.png"), std::ios::binary) << bytes;
  CHECK_THROWS_WITH_AS(read_page_png(folder.file("page.png"), Density::d106),
                       doctest::Contains("a chunk of 1611274853 bytes at byte 33"), Error);
}

TEST_CASE("png: a picture that cannot be written is an error") {
  CHECK_THROWS_AS(write_png("/nonexistent/x.png", std::vector<std::uint8_t>(4), 2, 2), Error);
  CHECK_THROWS_AS(write_png("x.png", std::vector<std::uint8_t>(3), 2, 2), Error);
  CHECK_THROWS_AS(write_png("x.png", {}, 0, 0), Error);
}
