// Text as it is set: each of its bytes knows where in the source it stands.
#include "renderer/document_text.h"

#include <doctest/doctest.h>

#include <random>

#include "core/utf8.h"

using namespace fovea;

TEST_CASE("document text: characters stand as they are, what has no shape is written out") {
  DocumentText text;
  text.append("a\tb\n\x01\x7f\xffé\xE2\x80\xA8z", 100);
  CHECK(text.text() == "a    b\n\\x01\\x7F\\xFFé z");
  CHECK(text.invalid_bytes() == 1);
  CHECK(text.source_end() == 113);
  CHECK(text.source_of(0) == 100);
  for (std::size_t at = 1; at < 5; ++at)
    CHECK(text.source_of(at) == 101);  // all of a tab stands where it does
  CHECK(text.source_of(5) == 102);
  CHECK(text.source_of(7) == 104);
  CHECK(text.source_of(10) == 104);
  CHECK(text.source_of(19) == 107);
}

TEST_CASE("document text: what was made stands where what is before it ends") {
  DocumentText text;
  text.append("ab", 10);
  text.append_made("- ", kBold);
  text.append("cd", 20, kItalic | kMono);
  CHECK(text.text() == "ab- cd");
  CHECK(text.source_of(2) == 12);
  CHECK(text.source_of(3) == 12);
  CHECK(text.source_of(4) == 20);
  CHECK(text.source_of(5) == 21);
  REQUIRE(text.styles().size() == 2);
  CHECK(text.styles()[0].begin == 2);
  CHECK(text.styles()[0].end == 4);
  CHECK(text.styles()[1].style == (kItalic | kMono));
}

TEST_CASE("document text: one that is appended keeps its places and styles") {
  DocumentText line, whole;
  line.append("bold", 30, kBold);
  line.append("\xff", 34);
  whole.append("x", 5);
  whole.append(line);
  CHECK(whole.text() == "xbold\\xFF");
  CHECK(whole.source_of(1) == 30);
  CHECK(whole.source_of(4) == 33);
  CHECK(whole.source_of(5) == 34);
  CHECK(whole.source_end() == 35);
  CHECK(whole.invalid_bytes() == 1);
  REQUIRE(whole.styles().size() == 1);
  CHECK(whole.styles()[0].begin == 1);
  CHECK(whole.styles()[0].end == 5);
}

TEST_CASE("document text: any bytes are valid UTF-8 when they are set, and places never go back") {
  std::mt19937 random(41);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (std::size_t left = random() % 30; left > 0; --left)
      bytes += random() % 2 == 0 ? static_cast<char>(random()) : "a\t\n \xC2\x85\xF0"[random() % 7];
    DocumentText text;
    const std::size_t cut = random() % (bytes.size() + 1);
    text.append(std::string_view(bytes).substr(0, cut), 1000);
    text.append(std::string_view(bytes).substr(cut), 1000 + cut, kBold);
    for (std::size_t at = 0; at < text.text().size();) {
      const int length = utf8_valid(std::string_view(text.text()).substr(at));
      REQUIRE(length > 0);
      at += static_cast<std::size_t>(length);
    }
    std::size_t before = 1000;
    for (std::size_t at = 0; at < text.text().size(); ++at) {
      const std::size_t place = text.source_of(at);
      CHECK(place >= before);
      CHECK(place < 1000 + bytes.size());
      before = place;
    }
  }
}
