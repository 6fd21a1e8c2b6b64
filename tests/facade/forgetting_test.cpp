// Needs the shipped checkpoint, models/fovea-nano.

#include <doctest/doctest.h>

#include <cmath>
#include <ctime>
#include <set>

#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr Time kWeek = 604'800;

Policy floor_of(double floor) {
  Policy policy;
  policy.bands = {{.older_than = 0, .level = {}, .floor = floor}};
  return policy;
}

/// Lines that end in an id and a path.
std::string log_lines(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    const std::string number = std::to_string(7919 * (i + 13) % 100'000 + 100'000);
    text += "The job c0ffee" + number + " of the night wrote /var/log/jobs/run-" + number +
            ".log and ended.\n";
  }
  return text;
}

MemoryOptions without_archive(Level level) {
  MemoryOptions options = at_level(level);
  options.archive = Archive::drop;
  options.policy = Policy::preset("careful");
  return options;
}

std::string of(const Recalled& item, Origin origin) {
  std::string text;
  for (const RecalledSpan& span : item.spans) {
    if (span.origin == origin) text += item.text.substr(span.begin, span.length) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("ageing by fidelity: a page is measured, goes as far as its floor lets it, and only once") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(70), "1")}, at_level(Level::small));
  AgeOptions options;
  options.policy = floor_of(0.9);
  const auto dry = memory.plan(options);
  REQUIRE(dry.steps.size() == 1);
  CHECK(dry.steps[0].to >= kTiny);
  CHECK(dry.steps[0].fidelity.value() >= 0.9);
  CHECK(dry.measured >= 2);
  CHECK(dry.lost_words.contains(1));
  CHECK(memory.pages().at(0).level == Level::small);

  const auto done = memory.age(options);  // what the dry run measured is known
  CHECK(done.measured == 0);
  CHECK(done.steps.at(0).fidelity == dry.steps[0].fidelity);
  CHECK(done.vision_tokens == static_cast<std::size_t>(token_count(*done.steps[0].to)));
  CHECK(memory.age(options).steps.empty());

  options.policy = floor_of(1);
  const auto refused = memory.age(options);
  CHECK(refused.steps.empty());
  CHECK(refused.refused.at(0).reason.find("below the floor of 100.00 %") != std::string::npos);
}

TEST_CASE("ageing by fidelity: some rows decide, the store says how sure, and others see nothing") {
  const TemporaryStore store;
  Memory memory = store.open();
  Memory other(store.path(), kCheckpoint, Scope{"someone", "else"});
  compact(memory, {said(prose(70), "1")}, at_level(Level::small));
  compact(other, {said(prose(70), "1")}, at_level(Level::small));
  AgeOptions options;
  options.policy = floor_of(0.9);
  const AgeResult first = memory.age(options);
  REQUIRE(first.steps.size() == 1);
  const Step step = first.steps[0];
  CHECK(step.fidelity.value() - step.fidelity_error >= 0.9);
  CHECK(step.fidelity_error > 0);
  CHECK(step.fidelity_error < 0.1);
  const std::string read = memory.read({1}, Source::tokens).at(0).text;
  const double right = accuracy(prose(70).substr(0, 106 * 53), read);
  CHECK(std::abs(right - step.fidelity.value()) <= step.fidelity_error);
  CHECK(memory.pages().at(0).fidelity == step.fidelity);
  CHECK(memory.pages().at(0).fidelity_error == step.fidelity_error);
  CHECK(other.pages().at(0).level == Level::small);
  CHECK(!other.pages().at(0).fidelity);

  // What is too near to a new floor is read anew, and whole.
  memory.promote(1, Level::small);
  options.policy = floor_of(right);
  options.now = std::time(nullptr) + 60;
  const AgeResult again = memory.age(options);
  REQUIRE(again.steps.size() == 1);
  CHECK(again.steps[0].to == step.to);
  CHECK(again.steps[0].fidelity == right);
  CHECK(again.steps[0].fidelity_error == 0);
}

TEST_CASE("ageing by fidelity: a step takes what was encoded to try it") {
  const TemporaryStore tried, asked;
  Memory one = tried.open(), two = asked.open();
  for (Memory* memory : {&one, &two})
    compact(*memory, {said(log_lines(80), "1")}, at_level(Level::base));
  AgeOptions options;
  options.policy = floor_of(0.9);
  const Level to = one.age(options).steps.at(0).to.value();
  two.age({.to = to});
  CHECK(one.read({1}, Source::tokens).at(0).text == two.read({1}, Source::tokens).at(0).text);
  CHECK(one.verify() == two.verify());
}

TEST_CASE("ageing stopped while it measures goes on with what it has measured") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(130), "1")}, at_level(kTiny));
  REQUIRE(memory.stats().pages == 2);
  AgeOptions options;
  options.policy = floor_of(0.3);
  options.progress = [](std::size_t, std::size_t) { return false; };
  const auto stopped = memory.age(options);
  CHECK(stopped.stopped);
  CHECK(stopped.measured == 1);
  CHECK(stopped.steps.empty());
  options.progress = {};
  const auto rest = memory.age(options);
  CHECK_FALSE(rest.stopped);
  CHECK(rest.measured <= 3);  // both levels of two pages, less the one known
  CHECK(rest.steps.size() == 2);
}

TEST_CASE("promote takes a page back to where it was, or sharper, and it fades later") {
  const TemporaryStore store;
  Memory memory = store.open();
  const auto old = std::time(nullptr) - 30 * 86'400;
  compact(memory, {said(prose(70), "1", old)}, at_level(kTiny));
  CHECK(code_of([&] { memory.promote(1); }) == ErrorCode::invalid_argument);  // nothing to undo
  memory.age({.to = Level::trace});
  const auto back = memory.promote(1);
  CHECK(back.from == Level::trace);
  CHECK(back.to == kTiny);
  CHECK(back.tokens_saved == 16 - 64);
  CHECK(memory.pages().at(0).level == kTiny);
  CHECK(accuracy(prose(70).substr(0, 106 * 53), memory.recall({1}, Source::tokens).at(0).text) > 0.95);
  CHECK(memory.promote(1, Level::small).to == Level::small);
  CHECK(code_of([&] { memory.promote(1, Level::small); }) == ErrorCode::invalid_argument);
  AgeOptions by_age;
  by_age.policy = Policy();
  by_age.policy->bands = {{.older_than = kWeek, .level = Level::trace, .floor = {}}};
  CHECK(memory.age(by_age).steps.empty());
}

TEST_CASE("the history says what happened to a page, and reading it does not count as a recall") {
  const TemporaryStore store;
  Memory memory = store.open();
  CHECK(memory.history().empty());
  compact(memory, {said(prose(70), "1", 1000)}, at_level(Level::base));
  AgeOptions options;
  options.to = kTiny;
  memory.age(options);
  memory.pin(1);
  const auto history = memory.history();
  REQUIRE(history.size() == 2);
  CHECK(history[0].event == HistoryEvent::fade);
  CHECK(history[0].page == 1);
  CHECK(history[0].from == Level::base);
  CHECK(history[0].to == kTiny);
  CHECK(history[0].reason == "asked for");
  CHECK(history[1].event == HistoryEvent::pin);

  const auto items = memory.read({1, 0}, Source::archive);
  REQUIRE(items.size() == 2);
  CHECK(items[0].text == prose(70).substr(0, items[0].text.size()));
  CHECK(memory.pages().at(0).last_recalled == 0);
  memory.recall({1}, Source::archive);
  CHECK(memory.pages().at(0).last_recalled > 0);
}

TEST_CASE("without the archive, corrections make a reading exact as long as they are kept, anchors "
          "to the end") {
  const TemporaryStore store;
  const std::string text = log_lines(80);
  const std::string exact = text.substr(0, 106 * 53);
  Memory memory = store.open();
  // At base every row of it is read, so that none keeps its text for good.
  compact(memory, {said(text, "1")}, without_archive(Level::base));
  const auto item = memory.recall({1}, Source::automatic).at(0);
  CHECK(item.source == RecalledFrom::corrected);
  CHECK(item.text == exact);
  CHECK(item.confidence == 1);
  CHECK(of(item, Origin::anchor).find("c0ffee") != std::string::npos);
  std::size_t covered = 0;
  for (const RecalledSpan& span : item.spans) {
    CHECK(span.begin == covered);
    covered += span.length;
  }
  CHECK(covered == item.text.size());
  const auto honest = memory.recall({1}, Source::tokens).at(0);
  CHECK(honest.source == RecalledFrom::tokens);
  CHECK(of(honest, Origin::decoded).size() > 5000);
  CHECK(of(honest, Origin::anchor) + of(honest, Origin::corrected) == "");

  AgeOptions options;
  options.policy = Policy::preset("careful");
  options.to = kTiny;
  CHECK(memory.age(options).steps.at(0).fidelity.has_value());  // known exactly, so measured
  CHECK(memory.recall({1}, Source::automatic).at(0).text == exact);
  options.to = Level::trace;
  memory.age(options);
  const auto faded = memory.recall({1}, Source::automatic).at(0);
  CHECK(faded.text != exact);
  CHECK(of(faded, Origin::corrected) == "");
  CHECK(of(faded, Origin::anchor).find("/var/log/jobs/run-") != std::string::npos);
  CHECK(accuracy(exact, faded.text) >
        accuracy(exact, memory.recall({1}, Source::tokens).at(0).text));
  CHECK(code_of([&] { memory.promote(1); }) == ErrorCode::not_found);
}

TEST_CASE("without the archive no text is kept unless the policy says so") {
  const TemporaryStore store;
  Memory memory = store.open();
  auto options = without_archive(kTiny);
  options.policy = Policy::standard();
  compact(memory, {said(log_lines(80), "1")}, options);
  CHECK(memory.recall({1}, Source::automatic).at(0).source == RecalledFrom::tokens);
  CHECK(memory.stats().anchor_bytes == 0);
  CHECK(memory.stats().correction_bytes == 0);
}

TEST_CASE("ageing: who knows how a page is read back says so, and it is not read again") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(70), "1")}, at_level(Level::small));
  AgeOptions options;
  options.policy = floor_of(0.9);
  std::vector<Level> asked;
  options.measure = [&](std::int64_t id, Level level) {
    CHECK(id == 1);
    asked.push_back(level);
    return Fidelity{.accuracy = level <= Level::faint ? 0.95 : 0.5};
  };
  const auto done = memory.age(options);
  REQUIRE(done.steps.size() == 1);
  CHECK(done.steps[0].to == Level::faint);
  CHECK(done.steps[0].fidelity == 0.95);
  CHECK(memory.pages().at(0).fidelity == 0.95);
  const std::size_t count = asked.size();
  CHECK(count >= 2);
  memory.age(options);
  CHECK(asked.size() == count);
}

TEST_CASE("ageing: only the library knows what a page without exact text is drawn from") {
  const TemporaryStore store;
  Memory memory = store.open();
  compact(memory, {said(prose(70), "1")}, without_archive(Level::small));
  compact(memory, {said(prose(70), "2")}, at_level(Level::small));
  REQUIRE(memory.pages().size() == 2);
  AgeOptions options;
  options.policy = floor_of(0.9);
  std::set<std::int64_t> asked;
  options.measure = [&](std::int64_t id, Level) {
    asked.insert(id);
    return Fidelity{.accuracy = 0.95};
  };
  CHECK(memory.age(options).measured >= 2);
  CHECK(asked == std::set<std::int64_t>{2});
  CHECK(memory.pages().at(1).fidelity == 0.95);
}

TEST_CASE("compacting: a page's age counts to the time that is given") {
  constexpr Time kSaid = 1'600'000'000;
  const auto level_at = [](Time now) {
    const TemporaryStore store;
    Memory memory = store.open();
    MemoryOptions options;
    options.measured_pages = 0;
    options.policy = floor_of(0.999);
    options.policy->bands.push_back({.older_than = kWeek, .level = {}, .floor = 0.98});
    options.now = now;
    compact(memory, {said(prose(70), "1", kSaid)}, options);
    return memory.pages().at(0).level;
  };
  CHECK(level_at(kSaid + 60) == Level::base);
  CHECK(level_at(kSaid + 2 * kWeek) == Level::tiny);
}
