#include "facade/readings.h"

#include <doctest/doctest.h>

namespace {

using namespace fovea;

VisionTokens page(std::int8_t value) {
  VisionTokens tokens;
  tokens.values = {value};
  return tokens;
}

/// Decodes a page as the number in it, and notes how many came together.
struct Decoder {
  std::vector<std::size_t> calls;
  std::vector<ReadPage> operator()(std::span<const VisionTokens> tokens) {
    calls.push_back(tokens.size());
    std::vector<ReadPage> pages;
    for (const VisionTokens& each : tokens)
      pages.emplace_back().text = std::to_string(each.values.at(0));
    return pages;
  }
};

std::string texts(const std::vector<ReadPage>& pages) {
  std::string text;
  for (const ReadPage& each : pages) text += each.text + " ";
  return text;
}

}  // namespace

TEST_CASE("readings: pages read lately are not decoded again") {
  Readings readings;
  Decoder decoder;
  const auto read = [&](std::vector<VisionTokens> tokens) {
    return texts(readings.of(tokens, 1, std::ref(decoder)));
  };
  CHECK(read({page(1), page(2)}) == "1 2 ");
  CHECK(read({page(2)}) == "2 ");
  CHECK(read({page(3), page(1), page(4)}) == "3 1 4 ");
  CHECK(decoder.calls == std::vector<std::size_t>{2, 2});
}

TEST_CASE("readings: other tokens of the same page are decoded") {
  Readings readings;
  Decoder decoder;
  VisionTokens first = page(1), coarser = page(1);
  coarser.level = Level::faint;
  readings.of({&first, 1}, 1, std::ref(decoder));
  readings.of({&coarser, 1}, 1, std::ref(decoder));
  CHECK(decoder.calls.size() == 2);
}

TEST_CASE("readings: with another beam width a page is decoded anew") {
  Readings readings;
  Decoder decoder;
  const VisionTokens tokens = page(1);
  for (const int width : {1, 4, 1, 4}) readings.of({&tokens, 1}, width, std::ref(decoder));
  CHECK(decoder.calls.size() == 2);
}

TEST_CASE("readings: what was read long ago is decoded again") {
  Readings readings;
  Decoder decoder;
  for (std::int8_t i = 0; i < 20; ++i) {
    const VisionTokens next = page(i);
    readings.of({&next, 1}, 1, std::ref(decoder));
  }
  const VisionTokens oldest = page(0), newest = page(19);
  readings.of({&newest, 1}, 1, std::ref(decoder));
  CHECK(decoder.calls.size() == 20);
  CHECK(texts(readings.of({&oldest, 1}, 1, std::ref(decoder))) == "0 ");
  CHECK(decoder.calls.size() == 21);
}
