// Which pages of a text an experiment reads, and the texts that it makes up.
#include "memctl/experiment/pages.h"

#include <doctest/doctest.h>

#include <set>

#include "memctl/experiment/random_text.h"
#include "memctl/experiment/sentences.h"
#include "memctl/measurement/sha256.h"
#include "memctl/measurement/token_budget.h"
#include "tests/renderer/fixture.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

constexpr std::size_t kPage = 64 * 32;  // of density 64

std::vector<std::size_t> starts(const std::string& text, std::size_t count) {
  return page_starts(shared_renderer(), text, Density::d64, count);
}

std::string numbered(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + " ";
  text.resize(bytes);
  return text;
}

}  // namespace

TEST_CASE("page starts: all pages follow each other, the last may be part-filled") {
  CHECK(starts("", 0).empty());
  CHECK(starts("x", 0) == std::vector<std::size_t>{0});
  CHECK(starts(numbered(kPage), 0) == std::vector<std::size_t>{0});
  CHECK(starts(numbered(2 * kPage + 1), 0) == std::vector<std::size_t>{0, kPage, 2 * kPage});
}

TEST_CASE("page starts: a few of many are full, apart and spread over the whole text") {
  const std::string text = numbered(40 * kPage);
  for (const std::size_t count : {1, 2, 3, 7}) {
    const auto found = starts(text, count);
    REQUIRE(found.size() == count);
    CHECK(found.front() == 0);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) CHECK(found[i] >= found[i - 1] + kPage);
      CHECK(found[i] + kPage <= text.size());
    }
    if (count > 2) CHECK(found.back() > text.size() / 2);
  }
  CHECK(starts(text, 3) == starts(text, 3));
}

TEST_CASE("page starts: no more than there are, and then the part-filled one counts") {
  const std::string text = numbered(3 * kPage + 5);
  CHECK(starts(text, 100).size() == 4);
  CHECK(starts(text, 4).size() == 4);
  const auto two = starts(text, 2);  // of three full ones
  REQUIRE(two.size() == 2);
  CHECK(two[1] >= kPage);
  CHECK(two[1] + kPage <= text.size());
}

TEST_CASE("page starts: they are where characters begin") {
  std::string text;
  while (text.size() < 30 * kPage) text += "日本a語\xFF";
  for (const std::size_t start : starts(text, 5)) {
    const auto byte = static_cast<unsigned char>(text[start]);
    CHECK((byte < 0x80 || byte >= 0xC0));
  }
}

TEST_CASE("random text: it is long enough, of one line's characters, and its seed's alone") {
  const std::string text = random_text(5000, 7);
  CHECK(text.size() >= 5000);
  CHECK(text.size() < 5100);
  for (const char c : text) CHECK((c == '\n' || (c >= ' ' && c < 0x7F)));
  CHECK(text.find('\n') != std::string::npos);
  CHECK(random_text(5000, 7) == text);
  CHECK(random_text(5000, 8) != text);
  CHECK(random_text(6000, 7).starts_with(text));
  CHECK(random_text(0, 7).empty());
  // Changed, the published figures of random strings would be of other strings.
  CHECK(random_text(30, 1).substr(0, 30) == random_text(3000, 1).substr(0, 30));
}

TEST_CASE("sentences: signs, lines and wide signs end them; together they are the text") {
  using Sentences = std::vector<std::string_view>;
  CHECK(sentences_of("").empty());
  CHECK(sentences_of("One. Two!  Three") == Sentences{"One. ", "Two!  ", "Three"});
  CHECK(sentences_of("v1.2 of a.b") == Sentences{"v1.2 of a.b"});
  CHECK(sentences_of("End.") == Sentences{"End."});
  CHECK(sentences_of("a\n\n b") == Sentences{"a\n\n ", "b"});
  CHECK(sentences_of("月。日！火？x") == Sentences{"月。", "日！", "火？", "x"});
  CHECK(sentences_of("Really?! Yes") == Sentences{"Really?! ", "Yes"});
  for (const std::string text : {"...", "\xE3\x80", ". . .", "\n\n\n", " x. "}) {
    std::string whole;
    for (const auto sentence : sentences_of(text)) whole += sentence;
    CHECK(whole == text);
  }
}

TEST_CASE("sentences: those that share words with the others are in the middle") {
  const auto near = centrality_of({"the lamp was lit", "the lamp was out", "invoice 88213"});
  REQUIRE(near.size() == 3);
  CHECK(near[0] > near[2]);
  CHECK(near[0] == doctest::Approx(near[1]));
  CHECK(centrality_of({}).empty());
  CHECK(centrality_of({"...", ""}) == std::vector<double>{0, 0});
}

TEST_CASE("token budget: the longest beginning and end that cost no more, of whole characters") {
  CHECK(largest(10, [](std::size_t n) { return n <= 7; }) == 7);
  CHECK(largest(10, [](std::size_t) { return true; }) == 10);
  CHECK(largest(10, [](std::size_t n) { return n == 0; }) == 0);
  CHECK(largest(0, [](std::size_t) { return true; }) == 0);
  const std::string text = "文字 and letters, 文字";
  for (std::size_t budget = 0; budget < 12; ++budget) {
    const auto first = first_tokens(text, budget), last = last_tokens(text, budget);
    CHECK(text.starts_with(first));
    CHECK(text.ends_with(last));
    CHECK(costs_at_most(first, budget));
    CHECK(costs_at_most(last, budget));
    if (!last.empty()) CHECK((static_cast<unsigned char>(last[0]) & 0xC0) != 0x80);
    if (first.size() < text.size())
      CHECK((static_cast<unsigned char>(text[first.size()]) & 0xC0) != 0x80);
  }
  CHECK(first_tokens(text, 0).empty());
  CHECK(last_tokens(text, 0).empty());
  CHECK(first_tokens(text, 1000) == text);
  CHECK(last_tokens(text, 1000) == text);
}

TEST_CASE("sha256: as the standard's own examples have it") {
  CHECK(sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
