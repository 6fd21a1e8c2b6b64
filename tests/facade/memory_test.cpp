// Needs the shipped checkpoint, models/fovea-nano.

#include "fovea/memory.h"

#include <doctest/doctest.h>

#include <ctime>
#include <stdexcept>
#include <vector>

#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("memory: messages become full pages, the rest stays verbatim until it fills one") {
  const TemporaryStore store;
  Memory memory = store.open();
  auto options = at_level(Level::small);
  options.measured_pages = -1;
  const auto first = compact(memory, {said(prose(40), "1"), said(prose(40, 40), "2")}, options);
  CHECK(first.pages == 1);
  CHECK(first.characters == 106 * 53);
  CHECK(first.vision_tokens == 100);
  CHECK(first.levels.at(Level::small).fidelity.value() > 0.98);
  CHECK(first.verbatim_characters == prose(80).size() - 106 * 53);

  const auto second = compact(memory, {said(prose(40), "1"), said(prose(60, 80), "3")}, options);
  CHECK(second.pages == 1);
  CHECK(second.skipped_messages == 1);
  CHECK(joined(memory.recall_all(Source::archive)) == prose(140));

  CHECK(memory.finish(options).pages == 1);
  CHECK(memory.stats().verbatim_characters == 0);
  CHECK(joined(memory.recall_all(Source::archive)) == prose(140));
}

TEST_CASE("memory: stopped by progress after a page, the same call goes on") {
  const TemporaryStore store;
  Memory memory = store.open();
  auto options = at_level(kTiny);
  options.progress = [](std::size_t done, std::size_t) { return done < 2; };
  const std::vector<Message> messages = {said(prose(300), "1"), said("the end\n", "2")};
  const auto stopped = compact(memory, messages, options);
  CHECK(stopped.stopped);
  CHECK(stopped.pages == 2);
  options.progress = {};
  const auto rest = compact(memory, messages, options);
  CHECK_FALSE(rest.stopped);
  CHECK(memory.stats().pages == rest.pages + 2);
  CHECK(joined(memory.recall_all(Source::archive)) == prose(300) + "the end\n");
}

TEST_CASE("memory: a source that throws ends the call, and what it gave before is stored") {
  struct Failing : MessageSource {
    std::optional<Message> next() override {
      if (++given == 3) throw std::runtime_error("the line is cut");
      const std::string number = std::to_string(given);
      return said("message " + number + "\n", number);
    }
    int given = 0;
  };
  const TemporaryStore store;
  Memory memory = store.open();
  Failing source;
  CHECK_THROWS_WITH(memory.add(source), "the line is cut");
  CHECK(memory.stats().messages == 2);
  CHECK(memory.verbatim().find("message 2") != std::string::npos);
}

TEST_CASE("memory: a page's level follows from the policy and the time of its last message") {
  const TemporaryStore store;
  Memory memory = store.open(store.lesser_checkpoint());
  MemoryOptions options;
  options.measured_pages = 0;
  const auto now = std::time(nullptr);
  options.policy = Policy();
  options.policy->bands = {{0, Level::large}, {3600, Level::small}, {7200, Level::trace}, {9000, {}}};
  const auto result = compact(memory,
                              {said(prose(70), "old", now - 100'000), said(prose(70), "hours", now - 4000),
                               said(prose(70), "fresh", now)},
                              options);
  // trace is not read by this checkpoint: the next sharper level that is; "gone" waits for age().
  CHECK(result.levels.at(kTiny).pages == 1);
  CHECK(result.levels.at(Level::small).pages == 1);
  CHECK(result.levels.at(Level::large).pages == 1);
  CHECK(memory.age({.policy = options.policy, .now = now}).steps.at(0).to == std::nullopt);
  CHECK(memory.stats().pages == 2);
}

TEST_CASE("memory: without the archive only the vision tokens are left, and they can be read") {
  const TemporaryStore store;
  Memory memory = store.open();
  auto options = at_level(Level::base);
  options.archive = Archive::drop;
  compact(memory, {said(prose(70), "1")}, options);
  const auto items = memory.recall({1}, Source::automatic);
  CHECK(items.at(0).source == RecalledFrom::tokens);
  CHECK(accuracy(prose(70).substr(0, 106 * 53), items.at(0).text) > 0.99);
  CHECK(code_of([&] { memory.recall({1}, Source::archive); }) == ErrorCode::not_found);
  CHECK(memory.pages().at(0).has_archive == false);
  CHECK(memory.picture(1).level == Level::base);

  // A step down then redraws what the tokens say.
  const auto aged = memory.age({.to = kTiny});
  REQUIRE(aged.steps.size() == 1);
  CHECK(aged.steps.at(0).fidelity == std::nullopt);
  CHECK(memory.pages().at(0).level == kTiny);
  CHECK(accuracy(prose(70).substr(0, 106 * 53), memory.recall({1}, Source::tokens).at(0).text) > 0.9);
}

TEST_CASE("memory: a text, a message and a source are added with one word") {
  const TemporaryStore store;
  Memory memory = store.open();
  CHECK(memory.add("Good morning").verbatim_characters == 20);
  memory.add("Good evening", "assistant");
  const auto known =
      memory.add({.role = "user", .text = "user:\nGood night\n\n", .source_id = "3"});
  CHECK(known.skipped_messages == 0);
  CHECK(memory.add({.role = "user", .text = "user:\nGood night\n\n", .source_id = "3"})
            .skipped_messages == 1);
  CHECK(memory.verbatim() ==
        "user:\nGood morning\n\nassistant:\nGood evening\n\nuser:\nGood night\n\n");
  CHECK(code_of([&] { memory.add("nobody says this", ""); }) == ErrorCode::invalid_argument);
}

TEST_CASE("memory: what two calls made adds up") {
  CompactResult all{.pages = 2, .levels = {{Level::base, {2, 512, 0.99}}}};
  all.left_out["image"] = 1;
  CompactResult later{.pages = 1, .levels = {{Level::base, {1, 256, 0.5}}}};
  later.left_out["image"] = 2;
  later.verbatim_characters = 7;
  later.stopped = true;
  all += later;
  CHECK(all.pages == 3);
  CHECK(all.levels.at(Level::base).vision_tokens == 768);
  CHECK(all.levels.at(Level::base).fidelity == 0.99);
  CHECK(all.left_out.at("image") == 3);
  CHECK(all.verbatim_characters == 7);
  CHECK(all.stopped);
}

TEST_CASE("memory: a dry run measures, the step itself keeps what it measured") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(70), "1")}, at_level(Level::base));
  const auto dry = memory.plan({.to = kTiny});
  REQUIRE(dry.steps.size() == 1);
  CHECK(dry.steps[0].tokens_saved == 256 - 64);
  CHECK(dry.lost_words.contains(1));
  CHECK(memory.pages().at(0).level == Level::base);
  const auto done = memory.age({.to = kTiny});
  CHECK(done.steps.at(0).fidelity == dry.steps[0].fidelity);
  CHECK(memory.stats().levels.at(kTiny).fidelity == dry.steps[0].fidelity);
  CHECK(memory.age({.to = Level::base}).steps.empty());
}

TEST_CASE("memory: what the checkpoint does not read is refused before anything is stored") {
  const TemporaryStore store;
  Memory memory = store.open(store.lesser_checkpoint());
  CHECK(code_of([&] { compact(memory, {said("a", "1")}, at_level(Level::trace)); }) ==
        ErrorCode::invalid_argument);
  MemoryOptions dense;
  dense.density = Density::d160;
  CHECK(code_of([&] { compact(memory, {said("a", "1")}, dense); }) == ErrorCode::invalid_argument);
  CHECK(memory.stats().messages == 0);
}

TEST_CASE("memory: -1 pages to measure are all, fewer are none that one could mean") {
  const TemporaryStore store;
  Memory memory = store.open();
  MemoryOptions options;
  options.measured_pages = -2;
  CHECK(code_of([&] { memory.add("text", "user", options); }) == ErrorCode::invalid_argument);
  CHECK(memory.verbatim().empty());
}

TEST_CASE("memory: the checkpoint is loaded only where it is needed") {
  const TemporaryStore store;
  { Memory memory = store.open(); compact(memory, {said(prose(70), "1")}, at_level(kTiny)); }
  Memory memory = store.open("/nowhere");
  CHECK(memory.stats().pages == 1);
  memory.pin(1);
  CHECK(memory.pages().at(0).pinned);
  CHECK(memory.recall({1}, Source::automatic).at(0).source == RecalledFrom::archive);
  CHECK(code_of([&] { memory.recall({1}, Source::tokens); }) == ErrorCode::not_found);
  CHECK(memory.verify().size() == 1);
  CHECK(memory.erase({1}).pages == std::vector<std::int64_t>{1});
}

TEST_CASE("memory: search needs a query, and finds by words and by likeness") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(70) + "A comet crossed the northern sky.\n" + prose(70, 70), "1")},
          at_level(kTiny));
  const auto hits = memory.search("comet in the sky", 1);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].snippet.find("comet") != std::string::npos);
  CHECK(code_of([&] { memory.search(" "); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { memory.search("comet", 0); }) == ErrorCode::invalid_argument);
}

TEST_CASE("memory: recall_all hands items over one by one and can be ended") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(200), "1")}, at_level(kTiny));
  std::vector<std::int64_t> ids;
  const auto rest = memory.recall_all(Source::archive, [&](const Recalled& item) {
    ids.push_back(item.id);
    return ids.size() < 2;
  });
  CHECK(rest.empty());
  CHECK(ids == std::vector<std::int64_t>{1, 2});
}
