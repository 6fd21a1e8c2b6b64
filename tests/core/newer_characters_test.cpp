#include "core/newer_characters.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/regex.h"

namespace {

std::vector<std::string> found(const std::string& pattern, const std::string& text) {
  std::vector<std::string> all;
  fovea::Regex(pattern).find_all(text, [&](std::size_t begin, std::size_t end) {
    all.push_back(text.substr(begin, end - begin));
  });
  return all;
}

using Texts = std::vector<std::string>;

TEST_CASE("regex: classes have the characters of Unicode 16") {
  const std::string letter = "\U00011F02", mark = "\U00011F00", digit = "\U00011F50",
                    stop = "\U00011F43", symbol = "\U0001CC00";
  const std::string all = letter + mark + digit + stop + symbol;
  CHECK(found(R"(\p{L})", all) == Texts{letter});
  CHECK(found(R"(\pM)", all) == Texts{mark});
  CHECK(found(R"([\p{N}]+)", all) == Texts{digit});
  CHECK(found(R"([^\p{L}\p{M}\p{N}]+)", all) == Texts{stop + symbol});
  CHECK(found(R"(\P{L}+)", all) == Texts{mark + digit + stop + symbol});
}

TEST_CASE("regex: U+180E is no space") {
  const std::string vowel_separator = "\u180E";
  CHECK(found(R"(\s+)", " \u3000" + vowel_separator + "\n") == Texts{" \u3000", "\n"});
  CHECK(found(R"(\S+)", "a" + vowel_separator + " b") == Texts{"a" + vowel_separator, "b"});
}

TEST_CASE("newer characters: what is no class of theirs stays as it is") {
  for (const std::string same : {R"(\\p{L}\x{41}[]\]a-z[:alpha:]-]\d\w)", R"([^]\S]|\p{Lu})", "["})
    CHECK(fovea::with_newer_characters(same) == same);
}

TEST_CASE("newer characters: a bracket that does not end the class") {
  const auto pattern = fovea::with_newer_characters(R"([][:digit:]\s]\s)");
  CHECK(pattern.substr(0, 16) == R"([][:digit:]\x{9})");
  CHECK(pattern.find(R"(\x{3000}][\x{9})") != std::string::npos);
}

}  // namespace
