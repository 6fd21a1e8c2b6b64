#include "core/png_chunks.h"

#include <doctest/doctest.h>

#include <string>

using fovea::fault_of_png_chunks;

namespace {

const std::string kSignature("\x89PNG\r\n\x1a\n", 8);

/// A chunk that says it has `said` bytes.
std::string chunk(const std::string& kind, const std::string& data, std::uint32_t said) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(said >> shift & 0xFF);
  return bytes + kind + data + "crc.";
}
std::string chunk(const std::string& kind, const std::string& data) {
  return chunk(kind, data, static_cast<std::uint32_t>(data.size()));
}

}  // namespace

TEST_CASE("PNG chunks: those that fit are none of ours, whatever is behind the last") {
  const std::string good = kSignature + chunk("IHDR", std::string(13, 'x')) + chunk("IDAT", "");
  CHECK(fault_of_png_chunks(good) == "");
  CHECK(fault_of_png_chunks(good + chunk("IEND", "") + "\xFF\xFF\xFF\xFFmore") == "");
  CHECK(fault_of_png_chunks(good + "\xFF\xFF\xFF") == "");  // no whole head
  CHECK(fault_of_png_chunks("") == "");
  CHECK(fault_of_png_chunks("GIF89a") == "");
}

TEST_CASE("PNG chunks: one that has no room is named with its place") {
  const std::string first = kSignature + chunk("IHDR", std::string(13, 'x'));
  CHECK(fault_of_png_chunks(first + chunk("IDAT", "abc", 4)) ==
        "a chunk of 4 bytes at byte 33, where 7 are left");
  CHECK(fault_of_png_chunks(first + chunk("zTXt", "", 0x7FFFFFFF)) ==
        "a chunk of 2147483647 bytes at byte 33, where 4 are left");
  CHECK(fault_of_png_chunks(first + chunk("zTXt", "", 0xFFFFFFFF)) ==
        "a chunk of 4294967295 bytes at byte 33, where 4 are left");
  const std::string no_checksum = first + chunk("IDAT", "abc");
  CHECK(fault_of_png_chunks(no_checksum.substr(0, no_checksum.size() - 1)) ==
        "a chunk of 3 bytes at byte 33, where 6 are left");
}
