// An agent's life made of texts: who said what when, and which pages it fills.
#include "memctl/lifetime/life.h"

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "fovea/history.h"
#include "tests/memory/store_fixture.h"
#include "tests/renderer/fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::contains;
using fovea::test::error_of;

namespace {

constexpr std::size_t kPage = 106 * 53;  // characters of a page of plain letters

Text text_of(std::string text, std::string format, std::vector<TextMessage> messages) {
  Text made;
  made.name = "ships";
  made.file = "ships.txt";
  made.format = std::move(format);
  made.text = std::move(text);
  made.messages = std::move(messages);
  return made;
}

Text plain(std::string text) {
  return text_of(std::move(text), std::string(name_of(HistoryFormat::text)), {{0, "user"}});
}

/// The messages of a life joined are its text, one after the other.
void check_whole(const Life& life) {
  std::size_t at = 0;
  Time before = 0;
  for (const LifeMessage& message : life.messages) {
    CHECK(message.begin == at);
    CHECK(message.end > message.begin);
    CHECK(message.time >= before);
    at = message.end;
    before = message.time;
  }
  CHECK(at == life.text.size());
}

}  // namespace

TEST_CASE("life: days are of equal length, and what is said in one is known at its end") {
  const Life life = life_of({plain(std::string(4 * kPage, 'x'))}, 4, shared_renderer());
  check_whole(life);
  CHECK(life.days == 4);
  CHECK(life.end_of_day(0) - life.end_of_day(-1) == kDay);
  CHECK(life.messages_until(life.end_of_day(-1)) == 0);
  CHECK(life.bytes_until(life.end_of_day(-1)) == 0);
  CHECK(life.messages_until(life.end_of_day(3)) == life.messages.size());
  CHECK(life.bytes_until(life.end_of_day(3)) == life.text.size());
  for (int day = 0; day < 4; ++day) {
    const std::size_t first = life.messages_until(life.end_of_day(day - 1));
    REQUIRE(first < life.messages_until(life.end_of_day(day)));
    CHECK(life.day_of(life.messages[first].time) == day);
  }
}

TEST_CASE("life: pages follow each other, and each has the time of its last message") {
  const Life life = life_of({plain(std::string(3 * kPage + 10, 'x'))}, 10, shared_renderer());
  REQUIRE(life.pages.size() == 3);  // what fills none is on none
  std::size_t at = 0;
  for (const LifePage& page : life.pages) {
    CHECK(page.begin == at);
    CHECK(page.characters == kPage);
    CHECK(life.text_of(page).size() == kPage);
    at = page.end;
    const std::size_t said = life.messages_until(page.time + 1);
    CHECK(life.messages[said - 1].begin < page.end);
    CHECK(life.messages[said - 1].end >= page.end);
  }
  CHECK(life.pages_until(0) == 0);
  CHECK(life.pages_until(kPage - 1) == 0);
  CHECK(life.pages_until(kPage) == 1);
  CHECK(life.pages_until(life.text.size()) == 3);
}

TEST_CASE("life: plain text is cut at its lines, a long line where a character begins") {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "line " + std::to_string(i) + " of a log that goes on\n";
  for (const LifeMessage& message : life_of({plain(text)}, 1, shared_renderer()).messages) {
    CHECK(text[message.end - 1] == '\n');
    CHECK(message.end - message.begin <= 2048);
  }
  std::string wide;
  for (int i = 0; i < 4000; ++i) wide += "文";
  const Life life = life_of({plain(wide)}, 1, shared_renderer());
  check_whole(life);
  CHECK(life.messages.size() > 4);
  for (const LifeMessage& message : life.messages) CHECK(message.begin % 3 == 0);
}

TEST_CASE("life: bytes that are no characters are messages and pages too") {
  const Life life = life_of({plain(std::string(3 * kPage, '\x80'))}, 2, shared_renderer());
  check_whole(life);
  CHECK_FALSE(life.pages.empty());
}

TEST_CASE("life: messages of a chat are whole, with their roles, however long they are") {
  const std::string text(2 * kPage, 'x');
  const Life life =
      life_of({text_of(text, "openai", {{0, "user"}, {100, "assistant"}})}, 2, shared_renderer());
  REQUIRE(life.messages.size() == 2);
  CHECK(life.messages[0].role == "user");
  CHECK(life.messages[0].end == 100);
  CHECK(life.messages[1].role == "assistant");
  CHECK(life.messages[1].end == text.size());
}

TEST_CASE("life: texts stand one after the other") {
  const Life life =
      life_of({text_of(std::string(kPage, 'a'), "openai", {{0, "user"}}),
               text_of(std::string(kPage + 9, 'b'), "claude", {{0, "tool"}, {1, "user"}})},
              2, shared_renderer());
  check_whole(life);
  REQUIRE(life.messages.size() == 3);
  CHECK(life.messages[1].begin == kPage);
  CHECK(life.messages[1].role == "tool");
  CHECK(life.text_of(life.pages.at(1)) == std::string(kPage, 'b'));
}

TEST_CASE("life: texts that fill no page are refused with what they have") {
  const auto error = error_of([] { life_of({plain("short")}, 1, shared_renderer()); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::invalid_argument);
  CHECK(contains(error->what(), "ships.txt: 5 characters fill no page of 106 x 53 cells"));
  CHECK(contains(error_of([] {
                   life_of({plain("short"), plain("longer")}, 1, shared_renderer());
                 })->what(),
                 "ships.txt: 11 characters with the other texts fill no page"));
  // All that fills it stands in the last cell, which may yet grow by a mark.
  CHECK(error_of([] { life_of({plain(std::string(kPage - 1, 'x'))}, 1, shared_renderer()); }));
}
