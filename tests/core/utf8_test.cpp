#include "core/utf8.h"

#include <doctest/doctest.h>

namespace {

using namespace fovea;

TEST_CASE("utf8: a text is counted by the bytes that begin a character") {
  CHECK(utf8_count("") == 0);
  CHECK(utf8_count("aé漢😀") == 4);
  CHECK(utf8_count("\x80\xBF") == 0);
  CHECK(utf8_count("\xFF\xC3\x28") == 3);
}

TEST_CASE("utf8: the next character begins behind all that belongs to this one") {
  CHECK(utf8_next("漢a", 0) == 3);
  CHECK(utf8_next("漢a", 1) == 3);
  CHECK(utf8_next("漢a", 3) == 4);
  CHECK(utf8_next("a\x80\x80", 0) == 3);
}

TEST_CASE("utf8: a text is cut between characters, never inside one") {
  CHECK(utf8_cut("a漢b", 0) == "");
  CHECK(utf8_cut("a漢b", 1) == "a");
  CHECK(utf8_cut("a漢b", 3) == "a");
  CHECK(utf8_cut("a漢b", 4) == "a漢");
  CHECK(utf8_cut("a漢b", 9) == "a漢b");
  CHECK(utf8_cut("\x80\x80\x80", 2) == "");
}

TEST_CASE("utf8: a character is valid in its shortest form alone") {
  CHECK(utf8_valid("é") == 2);
  CHECK(utf8_valid("\xC0\x80") == 0);      // an overlong zero
  CHECK(utf8_valid("\xED\xA0\x80") == 0);  // a surrogate
  CHECK(utf8_valid("\xF4\x90\x80\x80") == 0);
  CHECK(utf8_valid("\xE6\xBC") == 0);
  CHECK(utf8_decode("漢") == U'漢');
}

}  // namespace
