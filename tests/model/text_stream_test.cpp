#include "model/tokenizer/text_stream.h"

#include <doctest/doctest.h>

namespace {

using fovea::TextStream;

TEST_CASE("text stream: a character comes when it is whole") {
  TextStream stream;
  CHECK(stream.take("a\xE2\x82") == "a");
  CHECK(stream.take("\xAC!") == "€!");
  CHECK(stream.finish().empty());
}

TEST_CASE("text stream: bytes that make no character are replaced, what follows is kept") {
  TextStream stream;
  CHECK(stream.take("\xFF\xC3(") == "\xEF\xBF\xBD\xEF\xBF\xBD(");
  CHECK(stream.take("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(stream.take("\xF0\x9F").empty());
  CHECK(stream.finish() == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(stream.finish().empty());
}

}  // namespace
