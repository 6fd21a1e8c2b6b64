// Keys of encrypted stores: where they come from, and what is refused without showing it.
#include "fovea/key.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/memory/store_fixture.h"

using namespace fovea;
using fovea::test::contains;
using fovea::test::error_of;
using fovea::test::TemporaryFolder;

namespace {

const std::string kText = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

Key counting() {
  Key key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  return key;
}

std::string write(const TemporaryFolder& folder, const std::string& bytes, mode_t mode = 0600) {
  const std::string path = folder.file("key");
  std::ofstream(path, std::ios::binary) << bytes;
  ::chmod(path.c_str(), mode);
  return path;
}

}  // namespace

TEST_CASE("keys: 64 digits of either case, with blanks around them, are 32 bytes") {
  CHECK(key_from_text(kText, "it") == counting());
  CHECK(key_from_text("  \t" + kText + "\r\n", "it") == counting());
}

TEST_CASE("keys: what is none is refused by the name of its place, and never shown") {
  for (const std::string& text :
       {std::string(), std::string(" "), kText.substr(1), kText + "0", kText + kText,
        kText.substr(0, 63) + "g", "0x" + kText, kText + " and more",
        std::string("correct horse battery staple")}) {
    const auto error = error_of([&] { key_from_text(text, "environment variable MY_KEY"); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    const std::string message = error->what();
    CHECK(message ==
          "environment variable MY_KEY: expected a key of 64 hexadecimal digits, such as "
          "`memctl new-key` makes");
  }
}

TEST_CASE("keys: a file has digits or the bytes themselves") {
  const TemporaryFolder folder;
  CHECK(key_from_file(write(folder, kText + "\n")) == counting());
  const Key key = counting();
  CHECK(key_from_file(write(folder, {key.begin(), key.end()})) == key);
}

TEST_CASE("keys: a file that others may read or write is refused with what to do") {
  const TemporaryFolder folder;
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0601, 0777}) {
    const std::string path = write(folder, kText, mode);
    const auto error = error_of([&] { key_from_file(path); });
    REQUIRE(error);
    CHECK(contains(error->what(), "`chmod 600 " + path + "`"));
    CHECK(!contains(error->what(), kText));
  }
  CHECK(key_from_file(write(folder, kText, 0400)) == counting());
}

TEST_CASE("keys: a missing file, a folder and a file of other bytes are named") {
  const TemporaryFolder folder;
  const auto missing = error_of([&] { key_from_file(folder.file("none")); });
  REQUIRE(missing);
  CHECK(missing->code() == ErrorCode::not_found);
  CHECK(contains(missing->what(), folder.file("none")));
  CHECK(contains(error_of([&] { key_from_file(folder.path.string()); })->what(),
                 "is a folder; give a file"));
  const std::string path = write(folder, std::string(33, 'a'));
  CHECK(contains(error_of([&] { key_from_file(path); })->what(),
                 "key file " + path + ": expected a key of 64"));
}

TEST_CASE("keys: an environment variable has digits, and an unset one is named") {
  ::setenv("FOVEA_KEY_TEST", kText.c_str(), 1);
  CHECK(key_from_environment("FOVEA_KEY_TEST") == counting());
  ::setenv("FOVEA_KEY_TEST", "", 1);
  CHECK(error_of([] { key_from_environment("FOVEA_KEY_TEST"); })->code() ==
        ErrorCode::invalid_argument);
  ::unsetenv("FOVEA_KEY_TEST");
  const auto unset = error_of([] { key_from_environment("FOVEA_KEY_TEST"); });
  CHECK(unset->code() == ErrorCode::not_found);
  CHECK(contains(unset->what(), "FOVEA_KEY_TEST is not set"));
}

TEST_CASE("keys: a new one is another each time, and is read back") {
  const std::string one = new_key_text(), two = new_key_text();
  CHECK(one.size() == 64);
  CHECK(one != two);
  CHECK(key_from_text(one, "it") != key_from_text(two, "it"));
}
