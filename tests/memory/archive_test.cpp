#include "memory/archive.h"

#include <doctest/doctest.h>

using namespace fovea;

namespace {

/// The head of a zstd frame that says it holds `size` bytes, and an empty block.
std::string frame_of(std::uint64_t size) {
  std::string frame = "\x28\xB5\x2F\xFD\xE0";
  for (int shift = 0; shift < 64; shift += 8) frame += static_cast<char>(size >> shift);
  return frame + std::string("\1\0\0", 3);
}

}  // namespace

TEST_CASE("archive: text comes back, whatever can be made of it") {
  for (const std::string& text : {std::string(), std::string("the heron"), std::string(10'000'000, 'a')})
    CHECK((decompress(compress(text), text.size()) == text));
  CHECK(!decompress(compress("the heron"), 8));
  CHECK(!decompress("the heron", 9));
  CHECK(!decompress("", 1));
}

TEST_CASE("archive: a size that was made up takes no memory") {
  CHECK(decompress(frame_of(0), 0) == "");
  CHECK(!decompress(frame_of(std::uint64_t{1} << 40), std::size_t{1} << 40));
  CHECK(!decompress(frame_of(1 << 29), 1 << 29));
  // -1 and -2 are what zstd says when it does not know.
  CHECK(!decompress(std::string("\x28\xB5\x2F\xFD\0\x58\1\0\0", 9), static_cast<std::size_t>(-1)));
  CHECK(!decompress("no frame", static_cast<std::size_t>(-2)));
}
