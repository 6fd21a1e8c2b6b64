// What a store keeps of how it is used: policies, archives for a time, corrections across
// checkpoints, and what a context knows of pages without reading them. Needs models/fovea-nano.

#include <doctest/doctest.h>

#include <ctime>

#include "memory/database.h"
#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr Time kDay = 86'400;

Policy by_age(Level level) {
  Policy policy;
  policy.bands = {{.older_than = 0, .level = level, .floor = {}}};
  return policy;
}

MemoryOptions fading_by(const Policy& policy, Level level) {
  MemoryOptions options = at_level(level);
  options.policy = policy;
  return options;
}

}  // namespace

TEST_CASE("the policy that compact was given is the scope's, until another is given") {
  const TemporaryStore store;
  const auto old = std::time(nullptr) - kDay;
  {
    Memory memory = store.open();
    CHECK(memory.policy().to_json() == Policy::standard().to_json());
    compact(memory, {said(prose(70), "1", old)}, fading_by(by_age(Level::trace), kTiny));
  }
  Memory memory = store.open();
  CHECK(memory.policy().bands.at(0).level == Level::trace);
  CHECK(Memory(store.path(), kCheckpoint, {.user = "bob"}).policy().to_json() ==
        Policy::standard().to_json());
  SUBCASE("a round of forgetting goes by it") {
    CHECK(memory.age().steps.at(0).to == Level::trace);
  }
  SUBCASE("one for a round is not kept") {
    AgeOptions options;
    options.policy = by_age(Level::faint);
    CHECK(memory.age(options).steps.at(0).to == Level::faint);
    CHECK(memory.policy().bands[0].level == Level::trace);
  }
  SUBCASE("compact goes by it, and keeps the next one given") {
    MemoryOptions options;
    options.measured_pages = 0;
    CHECK(compact(memory, {said(prose(70, 100), "2", old)}, options).levels.contains(Level::trace));
    memory.finish(fading_by(by_age(Level::faint), kTiny));
    CHECK(memory.policy().bands[0].level == Level::faint);
  }
  SUBCASE("one that JSON cannot say is refused") {
    CHECK(code_of([&] { memory.finish(fading_by(Policy(), kTiny)); }) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("exact text that is as old as the policy keeps it goes, once its page has stepped down") {
  const TemporaryStore store;
  Memory memory = store.open();
  Policy policy = by_age(kTiny);
  policy.archive_for = 30 * kDay;
  policy.corrections = {.bytes = 4096, .down_to = kTiny};
  compact(memory, {said(prose(70), "1", std::time(nullptr) - 40 * kDay)},
          fading_by(policy, Level::small));
  CHECK(memory.plan().archives == std::vector<std::int64_t>{1});
  CHECK(memory.pages().at(0).has_archive);
  const auto aged = memory.age();
  CHECK(aged.steps.at(0).fidelity.has_value());
  CHECK(aged.archives == std::vector<std::int64_t>{1});
  CHECK(!memory.pages().at(0).has_archive);
  CHECK(memory.search("harbour").size() == 1);  // by likeness: its words are gone
  const auto item = memory.recall({1}, Source::automatic).at(0);
  // The policy keeps corrections of pages without text.
  CHECK(item.source == RecalledFrom::corrected);
  CHECK(item.text == prose(70).substr(0, 106 * 53));
  CHECK(memory.age().archives.empty());
  CHECK(memory.verify().empty());
}

TEST_CASE("migrating makes corrections anew, and says where it could not") {
  const TemporaryStore store;
  MemoryOptions options = at_level(kTiny);
  options.archive = Archive::drop;
  options.policy = Policy::preset("careful");
  {
    Memory memory = store.open();
    compact(memory, {said(prose(140), "1")}, options);
    REQUIRE(memory.stats().correction_bytes > 0);
  }
  Database(store.path(), "store", 1000)
      .execute("UPDATE corrections SET (bytes, hash, packed) = (SELECT bytes, hash, packed FROM "
               "corrections WHERE page = 1) WHERE page = 2");
  Memory memory = store.open(store.lesser_checkpoint());
  MigrateOptions from_old;
  from_old.old_checkpoint = kCheckpoint;
  const auto done = memory.migrate(from_old);
  CHECK(done.pages == 2);
  CHECK(done.corrected == 1);
  REQUIRE(done.uncorrected.size() == 1);
  CHECK(done.uncorrected[0].id == 2);
  CHECK(done.uncorrected[0].reason.find("exact text is not known") != std::string::npos);
  const auto item = memory.recall({1}, Source::automatic).at(0);
  CHECK(item.source == RecalledFrom::corrected);
  CHECK(item.text == prose(140).substr(0, 106 * 53));
  CHECK(item.confidence == 1);
}

TEST_CASE("a context reads no page that it does not show") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(300), "1")}, at_level(kTiny));
  const auto whole = memory.context();
  ContextOptions small;
  small.budget = 2 * whole.tokens / 3;
  const Database database(store.path(), "store", 1000);
  database.execute("UPDATE archive SET text = x'00' WHERE page = 1");
  const auto part = memory.context(small);
  CHECK(part.pages > 0);
  CHECK(part.pages < whole.pages);
  CHECK(code_of([&] { memory.context(); }) == ErrorCode::corruption);
}
