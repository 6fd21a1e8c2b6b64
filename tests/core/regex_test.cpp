#include "core/regex.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fovea/error.h"

using namespace fovea;

namespace {

using Places = std::vector<std::pair<std::size_t, std::size_t>>;

Places found(const Regex& regex, std::string_view text) {
  Places all;
  regex.find_all(text, [&](std::size_t begin, std::size_t end) { all.emplace_back(begin, end); });
  return all;
}

}  // namespace

TEST_CASE("regex: matches from left to right, empty ones left out, none twice") {
  CHECK(found(Regex("a*"), "aabca") == Places{{0, 2}, {4, 5}});
  CHECK(found(Regex("aa"), "aaaaa") == Places{{0, 2}, {2, 4}});
  CHECK(found(Regex("$|b"), "ab") == Places{{1, 2}});
  CHECK(found(Regex("x"), "").empty());
  CHECK(found(Regex("(?=b)"), "abb").empty());
}

TEST_CASE("regex: it goes on behind whole characters, and places are bytes") {
  CHECK(found(Regex("."), "\xC3\xA9\xE2\x82\xAC") == Places{{0, 2}, {2, 5}});
  CHECK(found(Regex("z*"), "\xC3\xA9z\xE2\x82\xAC") == Places{{2, 3}});
  CHECK(found(Regex("(?<=\xC3\xA9)b"),
              "\xC3\xA9"
              "b") == Places{{2, 3}});
  CHECK(found(Regex(".", true), "a.b") == Places{{1, 2}});
  CHECK(found(Regex("\\p{L}", true), "a\\p{L}") == Places{{1, 6}});
}

TEST_CASE("regex: one that is none is refused with its place, so is half a character") {
  CHECK_THROWS_AS(Regex("\\C"), Error);
  CHECK_THROWS_AS(Regex("\xFF"), Error);
  try {
    Regex("ab(");
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unsupported);
    CHECK(std::string(error.what()).starts_with("the regular expression \"ab(\" at byte 3: "));
  }
  CHECK(found(Regex("(", true), "a(") == Places{{1, 2}});
}

TEST_CASE("regex: a search may begin another, and many threads share one") {
  const Regex words("\\w+"), letters("\\w");
  std::string text;
  for (int i = 0; i < 50; ++i) text += "ab c ";
  const auto count = [&] {
    int all = 0;
    words.find_all(text, [&](std::size_t begin, std::size_t end) {
      letters.find_all(text.substr(begin, end - begin), [&](std::size_t, std::size_t) { ++all; });
    });
    return all;
  };
  CHECK(count() == 150);
  std::vector<int> counts(4);
  std::vector<std::thread> threads;
  for (int& own : counts) threads.emplace_back([&] { own = count(); });
  for (auto& thread : threads) thread.join();
  CHECK(counts == std::vector<int>(4, 150));
}

TEST_CASE("regex: a text that needs much stack is searched all the same") {
  const std::string text(200'000, 'a');
  CHECK(found(Regex("(?:a|b)+"), text) == Places{{0, text.size()}});
}

TEST_CASE("regex: an endless search ends") {
  CHECK(found(Regex("(a+)+$"), std::string(40, 'a') + "b").empty());
}
