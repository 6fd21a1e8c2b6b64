// Expected sums and geometry: tests/golden/mini_a (see its README.md).
#include "model/picture.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include "fovea/error.h"

namespace {

using namespace fovea;
using nlohmann::json;

const std::string kFolder = FOVEA_SOURCE_DIR "/tests/golden/mini_a/";

json preprocess() {
  return json::parse(std::ifstream(kFolder + "cases.json"))["preprocess"];
}

std::string sha256(const Picture& picture) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), picture.rgb.data(), picture.rgb.size());
  std::string hex(2 * hash.size() + 1, 0);
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

/// A file of these bytes, removed at the end.
struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() / "fovea_picture_test.png").string();
  explicit TemporaryFile(const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

TEST_CASE("picture: colour, gray and alpha are read as RGB") {
  for (const json& image : preprocess()["images"]) {
    const std::string file = image["file"];
    CAPTURE(file);
    CHECK(sha256(read_picture(kFolder + file)) == image["rgb_sha256"].get<std::string>());
  }
}

TEST_CASE("picture: resizing, padding and tiles are Pillow's, byte for byte") {
  for (const json& image : preprocess()["images"]) {
    const Picture picture = read_picture(kFolder + image["file"].get<std::string>());
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

TEST_CASE("picture: errors name the file") {
  CHECK_THROWS_WITH_AS(read_picture("/nowhere/a.png"), doctest::Contains("/nowhere/a.png"), Error);
  const TemporaryFile text("this is no picture");
  CHECK_THROWS_WITH_AS(read_picture(text.path), doctest::Contains("fovea_picture_test.png"), Error);

  std::ifstream whole(kFolder + "images/odd_101x37.png", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
  const TemporaryFile half(bytes.substr(0, bytes.size() / 2));
  CHECK_THROWS_AS(read_picture(half.path), Error);
}

TEST_CASE("picture: a small file that claims a huge picture is refused at once") {
  // Signature and header of a 900,000 x 900,000 gray picture; nothing behind them.
  const std::string header("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x0d\xbb\xa0\0\x0d\xbb\xa0\x08\0\0\0\0",
                           29);
  std::uint32_t crc = 0xFFFFFFFF;
  for (std::size_t i = 12; i < header.size(); ++i) {
    crc ^= static_cast<unsigned char>(header[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  crc = ~crc;
  std::string bytes = header;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(crc >> shift);
  bytes += std::string("\0\0\0\0IDAT\x35\xaf\x06\x1e", 12);
  const TemporaryFile bomb(bytes);
  CHECK_THROWS_WITH_AS(read_picture(bomb.path), doctest::Contains("more than the limit"), Error);
}

TEST_CASE("picture: no side can vanish") {
  const Picture line{1, 4000, std::vector<std::uint8_t>(12000)};
  CHECK_THROWS_AS(pad_to_square(line, 1024), Error);
  CHECK_THROWS_AS(resize_bicubic(line, 0, 10), Error);
}

}  // namespace
