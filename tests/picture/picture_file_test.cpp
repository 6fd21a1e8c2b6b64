// Pictures and what Pillow reads from them: tests/golden/pictures/make_pictures.py.
#include "fovea/picture.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "fovea/error.h"
#include "picture/orientation.h"
#include "tests/picture/picture_hash.h"
#include "tests/temporary_folder.h"

namespace {

using namespace fovea;
using nlohmann::json;

const std::string kFolder = FOVEA_SOURCE_DIR "/tests/golden/pictures/";

std::string bytes_of(const std::string& name) {
  std::ifstream file(kFolder + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A file of these bytes, removed at the end. Its name tells nothing.
struct TemporaryFile {
  test::Folder folder{"picture"};
  std::string path = folder.file("file");
  explicit TemporaryFile(const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
};

Picture read(const std::string& bytes) {
  return PictureFile(TemporaryFile(bytes).path).page(1);
}

using Rgb = std::array<int, 3>;

Rgb at(const Picture& picture, int x, int y) {
  const auto* pixel = &picture.rgb[(std::size_t(y) * picture.width + x) * 3];
  return {pixel[0], pixel[1], pixel[2]};
}

bool near(const Rgb& a, const Rgb& b) {
  for (int c = 0; c < 3; ++c)
    if (std::abs(a[c] - b[c]) > 12) return false;
  return true;
}

void check_error(const std::string& path, ErrorCode code, const char* words) {
  CAPTURE(path);
  try {
    PictureFile(path).page(1);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(std::string(error.what()).find(words) != std::string::npos);
    CHECK(std::string(error.what()).find(path) != std::string::npos);
  }
}

std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const unsigned char c : bytes) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

/// The file with another orientation in its EXIF block, which stands there as tag, type, count and
/// value in one byte order or the other.
std::string turned(std::string bytes, char orientation) {
  const std::string big("\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01", 10);
  const std::string little("\x12\x01\x03\x00\x01\x00\x00\x00\x01\x00", 10);
  if (const auto at = bytes.find(big); at != bytes.npos) {
    bytes[at + 9] = orientation;
  } else {
    const auto other = bytes.find(little);
    REQUIRE(other != bytes.npos);
    bytes[other + 8] = orientation;
  }
  // A PNG's chunk ends with a sum over its name and data.
  if (const auto chunk = bytes.find("eXIf"); chunk != bytes.npos) {
    std::size_t length = 0;
    for (int i = 4; i > 0; --i)
      length = length << 8 | static_cast<unsigned char>(bytes[chunk - static_cast<std::size_t>(i)]);
    const auto sum = big_endian(crc_of(std::string_view(bytes).substr(chunk, 4 + length)));
    bytes.replace(chunk + 4 + length, 4, sum);
  }
  return bytes;
}

TEST_CASE("picture file: every format is read as Pillow reads it") {
  const json expected = json::parse(std::ifstream(kFolder + "expected.json"));
  CHECK(expected.size() == 9);
  for (const auto& [name, wanted] : expected.items()) {
    CAPTURE(name);
    const PictureFile file(kFolder + name);
    CHECK(file.pages() == 1);
    CHECK_FALSE(file.is_pdf());
    const Picture picture = file.page(1);
    CHECK(json{picture.width, picture.height} == wanted["size"]);
    CHECK(sha256(picture) == wanted["rgb_sha256"].get<std::string>());
  }
}

TEST_CASE("picture file: the content tells the format, not the name") {
  CHECK(read(bytes_of("plain.jpg")).width == 48);
  CHECK(read(bytes_of("plain.webp")).width == 48);
  CHECK(read(bytes_of("plain.png")).width == 48);
  CHECK(read(bytes_of("pages.pdf")).width == 400);
}

TEST_CASE("picture file: all eight EXIF orientations stand upright") {
  const Rgb red{200, 30, 30}, green{30, 160, 60}, blue{20, 60, 210}, white{255, 255, 255};
  // Colours of the corners left top, right top, left bottom, right bottom.
  const std::map<char, std::array<Rgb, 4>> corners{
      {1, {red, green, blue, white}}, {2, {green, red, white, blue}},
      {3, {white, blue, green, red}}, {4, {blue, white, red, green}},
      {5, {red, blue, green, white}}, {6, {blue, red, white, green}},
      {7, {white, green, blue, red}}, {8, {green, white, red, blue}}};
  for (const char* name : {"plain.jpg", "plain.png", "plain.webp"}) {
    for (const auto& [orientation, wanted] : corners) {
      CAPTURE(name);
      CAPTURE(int(orientation));
      const Picture picture = read(turned(bytes_of(name), orientation));
      CHECK(picture.width == (orientation < 5 ? 48 : 32));
      CHECK(picture.height == (orientation < 5 ? 32 : 48));
      const int right = picture.width - 3, bottom = picture.height - 3;
      CHECK(near(at(picture, 2, 2), wanted[0]));
      CHECK(near(at(picture, right, 2), wanted[1]));
      CHECK(near(at(picture, 2, bottom), wanted[2]));
      CHECK(near(at(picture, right, bottom), wanted[3]));
    }
  }
}

TEST_CASE("picture file: an orientation that means nothing changes nothing") {
  CHECK(orientation_of("") == 1);
  CHECK(orientation_of("noise that is no EXIF block at all") == 1);
  CHECK(read(turned(bytes_of("plain.jpg"), 9)).width == 48);
  CHECK(read(turned(bytes_of("plain.jpg"), 0)).width == 48);
}

TEST_CASE("picture file: PDF pages are drawn at 144 dpi, upright, on white") {
  const PictureFile file(kFolder + "pages.pdf");
  CHECK(file.is_pdf());
  REQUIRE(file.pages() == 3);
  const Picture first = file.page(1), second = file.page(2);
  CHECK(first.width == 400);
  CHECK(first.height == 200);
  CHECK(second.width == 200);
  CHECK(second.height == 300);
  CHECK(near(at(first, 5, 5), {204, 26, 26}));
  CHECK(at(first, 395, 5) == Rgb{255, 255, 255});
  int dark = 0;
  for (int x = 0; x < first.width; ++x)
    for (int y = 120; y < first.height; ++y) dark += at(first, x, y)[0] < 64;
  CHECK(dark > 500);  // the words
  CHECK_THROWS_WITH_AS(file.page(4), doctest::Contains("no page 4; its last is page 3"), Error);
  CHECK_THROWS_AS(file.page(0), Error);
}

TEST_CASE("picture file: errors name the file and what to do") {
  check_error("/nowhere/a.png", ErrorCode::not_found, "cannot open");
  check_error(std::filesystem::temp_directory_path().string(), ErrorCode::io, "cannot read");
  check_error(kFolder + "locked.pdf", ErrorCode::unsupported, "qpdf --password");
  check_error(kFolder + "animated.webp", ErrorCode::unsupported, "animated");
  const std::map<std::string, const char*> others{
      {"this is text", "convert it"},          {"GIF89a...", "a GIF"},
      {std::string("II*\0....", 8), "a TIFF"}, {"BM......", "a BMP"},
      {"\x89", "not a known picture"},         {"RIFF1234", "not a known picture"}};
  for (const auto& [bytes, words] : others) {
    const TemporaryFile file(bytes);
    check_error(file.path, ErrorCode::unsupported, words);
  }
  const TemporaryFile empty("");
  check_error(empty.path, ErrorCode::corruption, "is empty");
}

TEST_CASE("picture file: a file cut anywhere is an error, never half a picture") {
  for (const char* name : {"plain.png", "plain.jpg", "progressive.jpg", "plain.webp", "lossy.webp",
                           "pages.pdf"}) {
    CAPTURE(name);
    const std::string whole = bytes_of(name);
    for (const double share : {0.2, 0.5, 0.8}) {
      CAPTURE(share);
      const TemporaryFile cut(
          whole.substr(0, static_cast<std::size_t>(share * static_cast<double>(whole.size()))));
      check_error(cut.path, ErrorCode::corruption, "");
    }
  }
}

TEST_CASE("picture file: a small file that claims a huge chunk is refused at once") {
  std::string bytes = bytes_of("plain.png");
  bytes.insert(33, "\x60\x0a\x1a\x65" "eXIfMM");  // after IHDR
  const TemporaryFile file(bytes);
  check_error(file.path, ErrorCode::corruption, "a chunk of 1611274853 bytes at byte 33");
}

TEST_CASE("picture file: a small file that claims a huge picture is refused at once") {
  // Signature and header of a 900,000 x 900,000 gray PNG; nothing behind them.
  std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x0d\xbb\xa0\0\x0d\xbb\xa0\x08\0\0\0\0", 29);
  png += big_endian(crc_of(std::string_view(png).substr(12)));
  png += std::string("\0\0\0\0IDAT\x35\xaf\x06\x1e", 12);
  // A JPEG's frame header (FFC0) holds length, precision, height, width.
  std::string jpeg = bytes_of("plain.jpg");
  jpeg.replace(jpeg.find("\xFF\xC0") + 5, 4, "\xFF\xDC\xFF\xDC");
  // 16,384 x 16,384, the largest that a lossless WebP can say, in 28 bits behind its signature.
  std::string webp = bytes_of("alpha.webp");
  const auto size = webp.find("VP8L") + 9;
  REQUIRE(size == 21);
  webp.replace(size, 3, "\xFF\xFF\xFF");
  webp[size + 3] |= 0x0F;
  for (const std::string& bomb : {png, jpeg, webp}) {
    const TemporaryFile file(bomb);
    check_error(file.path, ErrorCode::unsupported, "more than the limit");
  }
  check_error(kFolder + "huge.pdf", ErrorCode::unsupported, "more than the limit");
}

}  // namespace
