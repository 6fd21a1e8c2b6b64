#include "memory/hashed_file.h"

#include <doctest/doctest.h>

#include <cstring>

#include "memory/cipher.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

std::string content(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 4099);
  return bytes;
}

void write(const std::string& path, const std::string& bytes, const std::optional<Key>& key) {
  HashedFileWriter file(path, key);
  file.write(bytes.data(), bytes.size() / 3);
  file.write(bytes.data() + bytes.size() / 3, bytes.size() - bytes.size() / 3);
  REQUIRE(file.finish());
}

const std::optional<Key> kKeys[] = {std::nullopt, random_key()};

TEST_CASE("a hashed file is read as it was written, in any pieces, sealed or not") {
  TemporaryFolder folder;
  const std::string path = folder.file("file");
  for (const auto& key : kKeys) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMegabyte - 32, kMegabyte,
                                   2 * kMegabyte + 77}) {
      CAPTURE(size);
      const std::string bytes = content(size);
      write(path, bytes, key);
      CHECK(HashedFileReader::is_whole(path, key));
      HashedFileReader file(path, key);
      CHECK(file.left() == size);
      std::string read(size, '?');
      CHECK(file.read(read.data(), size / 2));
      CHECK(file.read(read.data() + size / 2, size - size / 2));
      CHECK(read == bytes);
      CHECK(!file.read(read.data(), 1));
    }
  }
}

TEST_CASE("a hashed file that was changed, cut, put together anew or has another key is not whole") {
  TemporaryFolder folder;
  const std::string path = folder.file("file");
  for (const auto& key : kKeys) {
    write(path, content(3 * kMegabyte), key);
    const std::string good = bytes_of(path);
    const auto is_whole = [&](const std::string& bytes) {
      std::ofstream(path, std::ios::binary) << bytes;
      return HashedFileReader::is_whole(path, key);
    };
    CHECK(is_whole(good));
    std::string bad = good;
    bad[kMegabyte + 5] ^= 1;
    CHECK(!is_whole(bad));
    const std::size_t piece = kMegabyte + (key ? kSealBytes : 0);
    CHECK(!is_whole(good.substr(0, good.size() - 1)));
    CHECK(!is_whole(good.substr(0, 2 * piece)));
    CHECK(!is_whole(good.substr(piece, piece) + good.substr(0, piece) + good.substr(2 * piece)));
    CHECK(!is_whole(""));
    CHECK(is_whole(good));
    CHECK(!HashedFileReader::is_whole(path, key ? std::optional<Key>() : random_key()));
    CHECK(!HashedFileReader::is_whole(folder.file("none"), key));
  }
}

}  // namespace
