#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "fovea/error.h"
#include "fovea/vision_tokens.h"

using namespace fovea;

namespace {

/// A file that goes when the test ends.
struct TemporaryFile {
  std::string path =
      (std::filesystem::temp_directory_path() / ("fovea-" + std::to_string(::getpid()) + ".fvt"))
          .string();
  ~TemporaryFile() { std::filesystem::remove(path); }

  std::string read() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
};

VisionTokens sample() {
  VisionTokens tokens{.level = Level::trace,
                      .density = Density::d106,
                      .row_lengths = std::vector<int>(53, 106),
                      .count = 16,
                      .dim = 3,
                      .values = {},
                      .scales = std::vector<float>(16, 0.25f),
                      .fingerprint = std::string(64, 'a')};
  for (int i = 0; i < 48; ++i) tokens.values.push_back(static_cast<std::int8_t>(5 * i - 128));
  tokens.row_lengths[52] = 7;
  tokens.scales[3] = 1e-30f;
  return tokens;
}

/// CRC-32, bit by bit.
std::uint32_t crc_of(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string refusal(const TemporaryFile& file) {
  try {
    read_tokens(file.path);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::corruption);
    const std::string message = error.what();
    REQUIRE(message.starts_with(file.path + ": byte "));
    return message.substr(file.path.size() + 2);
  }
  return "";
}

}  // namespace

TEST_CASE("token file: it names the layout") {
  const TemporaryFile file;
  VisionTokens tokens = sample();
  tokens.layout = Layout::document;
  tokens.row_lengths.clear();
  write_tokens(file.path, tokens);
  CHECK(read_tokens(file.path).layout == Layout::document);
  CHECK(file.read().find("\"layout\":\"document\"") != std::string::npos);
}

TEST_CASE("token file: what is written is read back, bit by bit") {
  TemporaryFile file;
  const VisionTokens tokens = sample();
  write_tokens(file.path, tokens);
  const VisionTokens back = read_tokens(file.path);
  CHECK(back.level == tokens.level);
  CHECK(back.density == tokens.density);
  CHECK(back.row_lengths == tokens.row_lengths);
  CHECK(back.count == 16);
  CHECK(back.dim == 3);
  CHECK(back.values == tokens.values);
  CHECK(back.scales == tokens.scales);
  CHECK(back.fingerprint == tokens.fingerprint);
}

TEST_CASE("token file: a checkpoint's own code is written as it is") {
  TemporaryFile file;
  VisionTokens tokens = sample();
  tokens.values.clear();
  tokens.scales.clear();
  tokens.code = {1, 2, 3, 250};
  write_tokens(file.path, tokens);
  const VisionTokens back = read_tokens(file.path);
  CHECK(back.code == tokens.code);
  CHECK(back.values.empty());
  CHECK(byte_count(back) == 4);
  const std::string good = file.read();
  for (std::size_t size = 0; size < good.size(); ++size) {
    file.write(good.substr(0, size));
    CHECK(refusal(file).find("the file ends inside") != std::string::npos);
  }
}

TEST_CASE("token file: a file of version 1 is read") {
  const TemporaryFile file;
  const VisionTokens tokens = sample();
  write_tokens(file.path, tokens);
  std::string bytes = file.read();
  const std::string more = ",\"code_bytes\":0";
  bytes.erase(bytes.find(more), more.size());
  bytes[3] = '1';
  bytes[4] = static_cast<char>(bytes[4] - static_cast<char>(more.size()));
  const std::uint32_t crc = crc_of(bytes.substr(0, bytes.size() - 4));
  bytes.replace(bytes.size() - 4, 4, reinterpret_cast<const char*>(&crc), 4);
  file.write(bytes);
  CHECK(read_tokens(file.path).values == tokens.values);
}

TEST_CASE("token file: row lengths may be unknown") {
  TemporaryFile file;
  VisionTokens tokens = sample();
  tokens.row_lengths.clear();
  write_tokens(file.path, tokens);
  CHECK(read_tokens(file.path).row_lengths.empty());
}

TEST_CASE("token file: a change of any byte is noticed") {
  TemporaryFile file;
  write_tokens(file.path, sample());
  const std::string good = file.read();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    file.write(bad);
    CHECK_THROWS_AS(read_tokens(file.path), Error);
  }
}

TEST_CASE("token file: a file cut short anywhere is refused with the place") {
  TemporaryFile file;
  write_tokens(file.path, sample());
  const std::string good = file.read();
  for (std::size_t size = 0; size < good.size(); ++size) {
    file.write(good.substr(0, size));
    CHECK(refusal(file).find("the file ends inside") != std::string::npos);
  }
  file.write(good + "x");
  CHECK(refusal(file) == "byte " + std::to_string(good.size()) + ": bytes after the end");
}

TEST_CASE("token file: messages name the place and the fault") {
  TemporaryFile file;
  file.write("PNG ....");
  CHECK(refusal(file) == "byte 0: not a vision token file: it does not start with FVT2 or FVT1");
  file.write(std::string("FVT1\xFF\xFF\xFF\xFF", 8));
  CHECK(refusal(file) == "byte 4: a header of 4294967295 bytes");
  file.write(std::string("FVT1\2\0\0\0{}", 10));
  CHECK(refusal(file).starts_with("byte 8: damaged header: "));
  const std::string header =
      R"({"level":"trace","density":106,"count":17,"dim":3,"row_lengths":[],"fingerprint":""})";
  file.write(std::string("FVT1") + static_cast<char>(header.size()) + std::string(3, '\0') +
             header);
  CHECK(refusal(file) == "byte 8: level trace has 16 tokens, not 17");
}

TEST_CASE("token file: a number that does not fit is not cut until it does") {
  TemporaryFile file;
  const auto refusal_of = [&](const std::string& density, const std::string& rows) {
    const std::string header = R"({"level":"trace","density":)" + density +
                               R"(,"count":16,"dim":3,"row_lengths":)" + rows +
                               R"(,"fingerprint":"a"})";
    file.write(std::string("FVT1") + static_cast<char>(header.size()) + std::string(3, '\0') +
               header);
    return refusal(file);
  };
  // 2^32 + 106
  CHECK(refusal_of("4294967402", "[]") ==
        "byte 8: damaged header: expected a whole number, got 4294967402");
  CHECK(refusal_of("1e300", "[]") == "byte 8: damaged header: expected a whole number, got 1e+300");
  CHECK(refusal_of("106", "[7, 106.5]") ==
        "byte 8: damaged header: expected a whole number, got 106.5");
  CHECK(refusal_of("106", "7").starts_with("byte 8: damaged header: "));
}

TEST_CASE("token file: a missing file and a folder that is not there have their own codes") {
  const auto code_of = [](auto work) {
    try {
      work();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::unsupported;
  };
  CHECK(code_of([] { read_tokens("/nonexistent/x.fvt"); }) == ErrorCode::not_found);
  CHECK(code_of([] { write_tokens("/nonexistent/x.fvt", sample()); }) == ErrorCode::io);
}

TEST_CASE("token file: tokens that do not hang together are not written") {
  TemporaryFile file;
  const auto refused = [&](auto spoil) {
    VisionTokens tokens = sample();
    spoil(tokens);
    CHECK_THROWS_AS(write_tokens(file.path, tokens), Error);
  };
  refused([](VisionTokens& tokens) { tokens.values.pop_back(); });
  refused([](VisionTokens& tokens) { tokens.code = {1, 2}; });
  refused([](VisionTokens& tokens) { tokens.scales[0] = std::numeric_limits<float>::quiet_NaN(); });
  refused([](VisionTokens& tokens) { tokens.row_lengths[0] = 107; });
  refused([](VisionTokens& tokens) { tokens.row_lengths.pop_back(); });
  refused([](VisionTokens& tokens) { tokens.fingerprint.back() = 'A'; });
  CHECK_FALSE(std::filesystem::exists(file.path));
}
