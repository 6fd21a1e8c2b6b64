// What fovea-nano cannot read keeps its exact text, whatever was asked of the archive. Needs
// models/fovea-nano.

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

const std::string kCherokee = "ᏥᏳ ᎤᏂᎩᏒᎩ ᎠᏏ ᎢᎦ ᎠᏰᎵ ᎾᎵᏍᏔᏴᎾ, ᎠᎴ ᎠᎦᏘᏱ ᏚᏬᏪᎳᏅᎩ ᏚᎾᏙᎥᎢ.\n";
const std::string kTibetan = "གྲུ་གཟིངས་རྣམས་ཉིན་གུང་གི་སྔོན་ལ་གྲུ་ཁ་ནས་ཐོན་པ་རེད།\n";
const std::string kMongolian = "ᠣᠩᠭᠣᠴᠠᠨᠤᠳ ᠦᠳᠡ ᠡᠴᠡ ᠡᠮᠦᠨᠡ ᠪᠣᠭᠣᠮᠲᠠ ᠠᠴᠠ ᠭᠠᠷᠪᠠ\n";

std::string repeated(const std::string& line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

MemoryOptions dropping(Level level) {
  MemoryOptions options = at_level(level);
  options.archive = Archive::drop;
  return options;
}

CompactResult write(Memory& memory, const std::string& text, Level level = Level::base) {
  CompactResult result = compact(memory, {said(text, "1")}, dropping(level));
  const CompactResult rest = memory.finish(dropping(level));
  result.pages += rest.pages;
  result.kept_exact += rest.kept_exact;
  result.below_floor += rest.below_floor;
  for (const auto& [script, count] : rest.outside_alphabet) result.outside_alphabet[script] += count;
  return result;
}

std::string recalled(Memory& memory) {
  return joined(memory.recall_all(Source::automatic));
}

void fade_to(Memory& memory, Level level) {
  AgeOptions options;
  options.to = level;
  REQUIRE(memory.age(options).steps.size() == 1);
}

}  // namespace

TEST_CASE("unreadable text: without an archive a page of any script keeps its exact text") {
  const std::string texts[] = {
      repeated(kCherokee, 6),
      repeated(kTibetan, 6),
      repeated(kMongolian, 6),
      kCherokee + prose(2) + kTibetan + prose(2, 7) + kMongolian,
      prose(20) + "The word ᎠᎺᏉᎯ is Cherokee.\n" + prose(10, 30),
      prose(3) + "played in \U0001D11E and \U0001D122, softly\n" + prose(3, 10),
      prose(3) + "\x1B[31mred\x1B[0m\r\n\xFF\xFE bytes\n" + prose(3, 10),
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    const TemporaryStore store;
    Memory memory = store.open();
    CHECK(write(memory, text).kept_exact == 1);
    CHECK(recalled(memory) == text);
    CHECK(memory.stats().kept_exact == 1);
    CHECK(memory.stats().archive_bytes == 0);
    CHECK(memory.pages().at(0).keeps_text);
    CHECK(memory.verify().empty());
  }
}

TEST_CASE("unreadable text: scripts of the alphabet are read back from the tokens alone") {
  const std::string lines[] = {
      "배는 정오가 되기 전에 항구를 떠났고, 등대지기는 그 이름들을 책에 적었다.\n",
      "غادرت السفن الميناء قبل الظهر وكتب الحارس أسماءها في كتابه.\n",
      "जहाज़ दोपहर से पहले बंदरगाह से निकल गए, और रखवाले ने उनके नाम लिख लिए।\n",
  };
  for (const std::string& line : lines) {
    CAPTURE(line);
    const TemporaryStore store;
    Memory memory = store.open();
    const std::string text = repeated(line, 6);
    CHECK(write(memory, text).outside_alphabet.empty());
    CHECK(accuracy(text, joined(memory.recall_all(Source::tokens))) > 0.95);
    CHECK(accuracy(text, recalled(memory)) > 0.97);
  }
}

TEST_CASE("unreadable text: what can be read back keeps none") {
  const TemporaryStore store;
  Memory memory = store.open();
  CHECK(write(memory, prose(20)).kept_exact == 0);
  CHECK(memory.stats().kept_exact == 0);
  CHECK(memory.stats().correction_bytes == 0);
}

TEST_CASE("unreadable text: with an archive it is counted, and nothing is kept twice") {
  const TemporaryStore store;
  Memory memory = store.open();
  MemoryOptions options = at_level(Level::base);
  options.measured_pages = -1;
  compact(memory, {said(repeated(kCherokee, 6), "1")}, options);
  const CompactResult result = memory.finish(options);
  CHECK(result.below_floor == 1);
  CHECK(result.kept_exact == 0);
  CHECK(memory.stats().correction_bytes == 0);
}

TEST_CASE("unreadable text: characters outside the alphabet are counted by script, measured or not") {
  const TemporaryStore store;
  Memory memory = store.open();
  MemoryOptions options = at_level(Level::base);
  options.measured_pages = 0;
  const std::string text = prose(2) + "ᎠᎺᏉᎯ é \xFF\x01 \U0001D11E " + kTibetan;
  compact(memory, {said(text, "1")}, options);
  const std::map<std::string, std::size_t> counts = memory.finish(options).outside_alphabet;
  CHECK(counts.at("Cherokee") == 4);
  CHECK(counts.at("Tibetan") > 40);
  CHECK(counts.at("signs") == 1);
  CHECK(counts.at("controls") == 1);
  CHECK(counts.at("bytes") == 1);
  CHECK(counts.size() == 5);
  // Another user's text is not counted there.
  Memory other(store.path(), kCheckpoint, {.user = "another"});
  CHECK(write(other, prose(3)).outside_alphabet.empty());
}

TEST_CASE("unreadable text: a page too coarse to be read as the policy asks keeps what it loses") {
  const TemporaryStore store;
  Memory memory = store.open();
  const CompactResult result = write(memory, prose(20), Level::trace);
  CHECK(result.kept_exact == 1);
  CHECK(result.below_floor == 1);
  CHECK(recalled(memory) == prose(20));
}

TEST_CASE("unreadable text: it stays as its page fades, and when it gets sharper again") {
  const TemporaryStore store;
  Memory memory = store.open();
  const std::string word = "The word ᎠᎺᏉᎯ is Cherokee.";
  SUBCASE("a page of it") {
    write(memory, repeated(kCherokee, 6));
    fade_to(memory, Level::faint);
    CHECK(recalled(memory) == repeated(kCherokee, 6));
    fade_to(memory, Level::trace);
    CHECK(recalled(memory) == repeated(kCherokee, 6));
    memory.promote(1, Level::base);
    CHECK(recalled(memory) == repeated(kCherokee, 6));
  }
  SUBCASE("a word of it") {
    write(memory, prose(20) + word + "\n" + prose(10, 30));
    fade_to(memory, kTiny);
    CHECK(recalled(memory).find("ᎠᎺᏉᎯ") != std::string::npos);
    fade_to(memory, Level::trace);
    CHECK(recalled(memory).find("ᎠᎺᏉᎯ") != std::string::npos);
    CHECK(recalled(memory) != prose(20) + word + "\n" + prose(10, 30));  // the rest is forgotten
  }
  CHECK(memory.stats().kept_exact == 1);
  CHECK(memory.verify().empty());
}

TEST_CASE("unreadable text: it stays when the policy's time for the archive is over") {
  const TemporaryStore store;
  Memory memory = store.open();
  Policy policy = Policy::from_json(R"({"bands": [{"level": "base"}], "archive_for": "1d"})");
  MemoryOptions options = at_level(Level::base);
  options.policy = policy;
  compact(memory, {said(repeated(kCherokee, 6) + prose(2), "1", 1000)}, options);
  memory.finish(options);
  AgeOptions later;
  later.now = 10'000'000;
  CHECK(memory.age(later).archives.size() == 1);
  CHECK(memory.stats().archive_bytes == 0);
  CHECK(recalled(memory).starts_with(repeated(kCherokee, 6)));
}

TEST_CASE("unreadable text: it goes with another checkpoint, needing not the one that made it") {
  const TemporaryStore store;
  {
    Memory memory = store.open();
    write(memory, repeated(kCherokee, 6));
  }
  Memory memory = store.open(store.lesser_checkpoint());
  const MigrateResult migrated = memory.migrate();
  CHECK(migrated.pages == 1);
  CHECK(migrated.refused.empty());
  CHECK(recalled(memory) == repeated(kCherokee, 6));
  CHECK(memory.stats().kept_exact == 1);
}

TEST_CASE("unreadable text: it is exported, searched for and erased as all text is") {
  const TemporaryStore store;
  const TemporaryStore other;
  {
    Memory memory = store.open();
    write(memory, repeated(kCherokee, 6));
    CHECK(memory.search("ᎠᎦᏘᏱ").at(0).snippet.find("ᎠᎦᏘᏱ") != std::string::npos);
    memory.export_scope(other.path() + ".export");
    memory.erase({1});
    CHECK(memory.stats().correction_bytes == 0);
  }
  std::ifstream file(store.path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  CHECK(bytes.find("ᎤᏂᎩᏒᎩ") == std::string::npos);
  Memory copy = other.open();
  copy.import_scope(other.path() + ".export");
  CHECK(recalled(copy) == repeated(kCherokee, 6));
  CHECK(copy.stats().kept_exact == 1);
}
