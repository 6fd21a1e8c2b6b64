#include "fovea/grounding.h"

#include <string>

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "tests/temporary_folder.h"

namespace {

using namespace fovea;

const std::string kPage =
    "<|ref|>title<|/ref|><|det|>[[100, 50, 900, 100]]<|/det|>\n# Heading\n\n"
    "<|ref|>image<|/ref|><|det|>[[0, 200, 999, 500]]<|/det|>\n\n"
    "<|ref|>text<|/ref|><|det|>[[100, 520, 900, 700], [100, 710, 500, 720]]<|/det|>\n"
    "a \\coloneqq b\n\n\n\nthe end  ";

PlainTextOptions with_pictures() {
  return {Labels::kinds, 2000, 1000, [](std::span<const PixelBox> boxes) {
            return "![](picture " + std::to_string(boxes.size()) + ")";
          }};
}

TEST_CASE("grounding: regions have labels, boxes in pixels and their text") {
  const auto regions = find_regions(kPage, 2000, 1000);
  REQUIRE(regions.size() == 3);
  CHECK(regions[0].label == "title");
  CHECK(regions[0].boxes == std::vector<PixelBox>{{200, 50, 1801, 100}});
  CHECK(regions[0].text == "# Heading");
  CHECK(regions[1].label == "image");
  CHECK(regions[1].boxes == std::vector<PixelBox>{{0, 200, 2000, 500}});
  CHECK(regions[1].text.empty());
  CHECK(regions[2].boxes.size() == 2);
  CHECK(regions[2].text == "a \\coloneqq b\n\n\n\nthe end");
}

TEST_CASE("grounding: boxes that cannot be read are left out") {
  const auto boxes = [](const std::string& text) {
    return find_regions("<|ref|>a<|/ref|><|det|>" + text + "<|/det|>", 999, 999).at(0).boxes;
  };
  CHECK(boxes("[[1,2,3,4]]") == std::vector<PixelBox>{{1, 2, 3, 4}});
  CHECK(boxes(" [ [1.5, 2, 3, 4 ] ,[5,6,7,8]]").size() == 2);
  CHECK(boxes("[[30, 40, 10, 20]]") == std::vector<PixelBox>{{10, 20, 30, 40}});
  CHECK(boxes("[[-5, 0, 5000, 999]]") == std::vector<PixelBox>{{0, 0, 999, 999}});
  CHECK(boxes("[[1, 2, 3], [1, 2, 3, 4, 5], [a, b, c, d], [1 2 3 4]]").empty());
  CHECK(boxes("[[nan, 1, 2, 3], [1, 2, 3, 99999999999999999999999999999999]]").empty());
  CHECK(boxes("[[1, 2, 3, 4").empty());
  CHECK(boxes("]]][[[").empty());
  CHECK(boxes("").empty());
}

TEST_CASE("grounding: marks that are not closed or alone lose no text") {
  CHECK(find_regions("no marks at all", 10, 10).empty());
  const auto open = find_regions("<|ref|>half a lab", 10, 10);
  REQUIRE(open.size() == 1);
  CHECK(open[0].label == "half a lab");
  const auto alone = find_regions("x<|det|>[[0, 0, 999, 999]]<|/det|>y", 10, 10);
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].boxes.size() == 1);
  CHECK(alone[0].text == "y");
  CHECK(plain_text("1 <|r 2 <|", {}) == "1 <|r 2 <|");
}

TEST_CASE("grounding: kinds are no text, words are, places come with boxes") {
  CHECK(plain_text(kPage, {}) == "# Heading\n\na \\coloneqq b\n\n\n\nthe end  ");
  const std::string lines =
      "<|ref|>first line<|/ref|><|det|>[[0, 0, 99, 9]]<|/det|>\n"
      "<|ref|>second<|/ref|><|det|>[[0, 10, 99, 19]]<|/det|>\n";
  CHECK(plain_text(lines, {Labels::words, 999, 999, {}}) == "first line\nsecond\n");
  CHECK(plain_text(lines, {Labels::places, 999, 999, {}}) ==
        "first line: [0, 0, 99, 9]\nsecond: [0, 10, 99, 19]\n");
  CHECK(plain_text("A <|ref|>cat<|/ref|><|det|>[[1, 1, 2, 2]]<|/det|> sits",
                   {Labels::words, 9, 9, {}}) == "A cat sits");
}

TEST_CASE("grounding: markdown links pictures and squeezes empty lines") {
  CHECK(markdown(kPage, with_pictures()) == "# Heading\n\n![](picture 1)\n\na := b\n\nthe end  ");
}

TEST_CASE("grounding: text that comes byte by byte is the same text") {
  for (const Labels labels : {Labels::kinds, Labels::words, Labels::places}) {
    const PlainTextOptions options{labels, 2000, 1000, {}};
    PlainText stream(options);
    std::string text;
    for (const char c : kPage) text += stream.take({&c, 1});
    CHECK(text + stream.finish() == plain_text(kPage, options));
  }
}

TEST_CASE("grounding: boxes are drawn on the picture") {
  const test::Folder folder("boxes");
  const std::string path = folder.file("boxes.png");
  const Picture white{200, 100, std::vector<std::uint8_t>(200 * 100 * 3, 255)};
  write_boxes_png(path, white, std::vector<Region>{{"title", {{20, 30, 180, 90}}, ""}});
  const Picture drawn = PictureFile(path).page(1);
  REQUIRE(drawn.width == 200);
  const auto is_white = [&](int x, int y) {
    return drawn.rgb[(std::size_t(y) * 200 + std::size_t(x)) * 3 + 1] == 255;
  };
  CHECK_FALSE(is_white(100, 90));
  CHECK_FALSE(is_white(180, 60));
  CHECK(is_white(100, 60));
  CHECK_THROWS_AS(write_boxes_png("/nowhere/a.png", white, {}), Error);
  CHECK_THROWS_AS(write_boxes_png(path, Picture{40000, 1, std::vector<std::uint8_t>(120000)}, {}),
                  Error);
}

}  // namespace
