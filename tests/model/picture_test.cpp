// Expected sums and geometry: tests/golden/mini_a (see its README.md).
#include "model/ocr/picture.h"

#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "fovea/error.h"
#include "tests/picture/picture_hash.h"

namespace {

using namespace fovea;
using nlohmann::json;

const std::string kFolder = FOVEA_SOURCE_DIR "/tests/golden/mini_a/";

/// Kept for good: a loop over a part of a temporary would see none of it.
const json& preprocess() {
  static const json cases = json::parse(std::ifstream(kFolder + "cases.json"));
  return cases["preprocess"];
}

TEST_CASE("picture: colour, gray and alpha are read as RGB") {
  for (const json& image : preprocess()["images"]) {
    const std::string file = image["file"];
    CAPTURE(file);
    CHECK(sha256(PictureFile(kFolder + file).page(1)) == image["rgb_sha256"].get<std::string>());
  }
}

TEST_CASE("picture: resizing, padding and tiles are Pillow's, byte for byte") {
  for (const json& image : preprocess()["images"]) {
    const Picture picture = PictureFile(kFolder + image["file"].get<std::string>()).page(1);
    for (const auto& [mode, expected] : image["modes"].items()) {
      CAPTURE(mode);
      const int side = expected["final_wh"][0];
      const Picture made = expected["method"] == "pad" ? pad_to_square(picture, side)
                                                       : resize_bicubic(picture, side, side);
      CHECK(sha256(made) == expected["rgb_sha256"].get<std::string>());
      if (mode != "gundam") continue;
      const auto tiles = cut_tiles(picture, choose_tiles(picture.width, picture.height));
      const json& sums = expected["tile_rgb_sha256"];
      REQUIRE(tiles.size() == sums.size());
      for (std::size_t i = 0; i < tiles.size(); ++i)
        CHECK(sha256(tiles[i]) == sums[i].get<std::string>());
    }
  }
}

TEST_CASE("picture: the padded content's place and the tokens that show it") {
  for (const json& image : preprocess()["images"]) {
    const int width = image["source_wh"][0], height = image["source_wh"][1];
    for (const char* mode : {"base", "large"}) {
      const json& expected = image["modes"][mode];
      const int side = expected["final_wh"][0];
      const PadBox box = pad_box(width, height, side);
      CHECK(json{box.x, box.y} == expected["content_xy"]);
      CHECK(json{box.width, box.height} == expected["content_wh"]);
      CHECK(valid_tokens(width, height, side / 64 * (side / 64)) == expected["valid_tokens_hf"]);
    }
  }
}

TEST_CASE("picture: tiles are chosen as by the official script, ties included") {
  for (const json& expected : preprocess()["tile_grid"]) {
    CAPTURE(expected["source_wh"].dump());
    const int width = expected["source_wh"][0], height = expected["source_wh"][1];
    const TileGrid nine = choose_tiles(width, height, 9), six = choose_tiles(width, height, 6);
    CHECK(json{nine.columns, nine.rows} == expected["tiles_wh_max9"]);
    CHECK(json{six.columns, six.rows} == expected["tiles_wh_max6"]);
  }
}

TEST_CASE("picture: no side can vanish") {
  const Picture line{1, 4000, std::vector<std::uint8_t>(12000)};
  CHECK_THROWS_AS(pad_to_square(line, 1024), Error);
  CHECK_THROWS_AS(resize_bicubic(line, 0, 10), Error);
}

}  // namespace
