// What is erased, and what is not. Needs models/fovea-nano.

#include <doctest/doctest.h>

#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr Level kFaint = Level::faint;
const std::string kFirst = "Ärger am Hafen: the whale sank two boats.\n";
const std::string kSecond = "The keeper saw a whale and a comet.\n";
const std::string kThird = "Nobody saw the boats again.\n";

Memory open_as(const TemporaryStore& store, const std::string& user) {
  return {store.path(), kCheckpoint, {user}};
}

void fill(Memory& memory, const MemoryOptions& options = at_level(kFaint)) {
  compact(memory, {said(kFirst, "1"), said(kSecond, "2")}, options);
  memory.finish(options);
  compact(memory, {said(kThird, "3")}, options);
}

std::string exact(const Memory& memory) { return joined(memory.recall_all(Source::archive)); }

}  // namespace

TEST_CASE("erasing: a span counts characters; what is left of its page is drawn anew") {
  const TemporaryStore store;
  Memory ann = open_as(store, "ann"), bob = open_as(store, "bob");
  fill(ann);
  fill(bob);
  const std::int64_t page = ann.pages().at(0).id;
  const EraseOptions options{.span = EraseOptions::Span{page, 0, 15}};
  EraseOptions dry = options;
  dry.dry_run = true;
  const EraseReceipt planned = ann.erase(dry);
  CHECK(planned.rewritten == std::vector{page});
  CHECK(planned.receipt.empty());
  CHECK(exact(ann) == kFirst + kSecond + kThird);

  const EraseReceipt done = ann.erase(options);
  CHECK(done.rewritten == std::vector{page});
  CHECK(done.pages.empty());
  CHECK(done.characters == 15);
  CHECK(done.messages == 1);
  CHECK(done.sha256.size() == 64);
  CHECK(done.bytes_gone);
  CHECK(exact(ann) == " the whale sank two boats.\n" + kSecond + kThird);
  CHECK(ann.pages().at(0).level == kFaint);
  CHECK(ann.search("whale").size() == 1);
  CHECK(ann.search("Hafen").empty());
  CHECK(ann.verify().empty());
  CHECK(exact(bob) == kFirst + kSecond + kThird);
  CHECK(bob.search("Hafen").size() == 1);
}

TEST_CASE(
    "erasing: messages with all the words go, wherever they stand, and come back from no source") {
  const TemporaryStore store;
  Memory ann = open_as(store, "ann"), bob = open_as(store, "bob");
  fill(ann);
  fill(bob);
  CHECK(ann.erase({.query = "whale nobody"}).messages == 0);  // no message has both
  CHECK(ann.erase({.query = "boats saw"}).messages == 1);
  CHECK(exact(ann) == kFirst + kSecond);
  CHECK(ann.erase({.query = "whale"}).pages.size() == 1);
  CHECK(exact(ann).empty());
  const auto again = compact(ann, {said(kFirst, "1"), said(kThird, "3")}, at_level(kFaint));
  CHECK(again.erased_messages == 2);
  CHECK(exact(ann).empty());
  CHECK(exact(bob) == kFirst + kSecond + kThird);
  CHECK(ann.erase({.sources = {"1", "2"}}).messages == 0);  // gone already
  CHECK(bob.erase({.sources = {"2", "3"}}).messages == 2);
  CHECK(exact(bob) == kFirst);
}

TEST_CASE("erasing: what chooses nothing, two things, or no place there is, changes nothing") {
  const TemporaryStore store;
  Memory memory = open_as(store, "ann");
  fill(memory);
  const std::int64_t page = memory.pages().at(0).id;
  const auto span = [](std::int64_t of, std::size_t begin, std::size_t length) {
    return EraseOptions{.span = EraseOptions::Span{of, begin, length}};
  };
  EraseOptions both = span(page, 0, 1);
  both.query = "whale";
  const std::size_t characters = 42 + kSecond.size();  // an umlaut has two bytes
  for (const EraseOptions& wrong :
       {EraseOptions{}, both, EraseOptions{.query = "\"two boats\""}, EraseOptions{.query = "bo*"},
        EraseOptions{.query = "?!"}, span(page, 0, 0), span(page, characters, 1),
        span(page, 1, characters), span(page, 1, static_cast<std::size_t>(-1)),
        span(0, kThird.size(), 1)})
    CHECK(code_of([&] { memory.erase(wrong); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { memory.erase(span(page + 1, 0, 1)); }) == ErrorCode::not_found);
  CHECK(code_of([&] { memory.erase({page, page + 1}); }) == ErrorCode::not_found);
  CHECK(memory.erase(std::vector<std::int64_t>{}).pages.empty());
  CHECK(exact(memory) == kFirst + kSecond + kThird);
  CHECK(memory.erase(span(0, 0, kThird.size())).characters == kThird.size());
  CHECK(memory.erase(span(page, 1, characters - 1)).characters == characters - 1);
  CHECK(exact(memory) == "Ä");
}

TEST_CASE(
    "erasing: of a page whose text is not kept no part goes, and a query says it did not look") {
  const TemporaryStore store;
  Memory memory = open_as(store, "ann");
  MemoryOptions options = at_level(kFaint);
  options.archive = Archive::drop;
  options.policy = Policy();
  options.policy->bands = {{.older_than = 0, .level = {}, .floor = 0.01}};  // no row keeps its text
  fill(memory, options);
  const std::int64_t page = memory.pages().at(0).id;
  REQUIRE_FALSE(memory.pages().at(0).has_archive);
  CHECK(code_of([&] {
          memory.erase({.span = EraseOptions::Span{page, 0, 1}});
        }) == ErrorCode::not_found);
  const EraseReceipt asked = memory.erase({.query = "whale"});
  CHECK(asked.not_searched == std::vector{page});
  CHECK(asked.pages.empty());
  const EraseReceipt whole = memory.erase({.sources = {"1"}});
  CHECK(whole.pages == std::vector{page});
  CHECK(whole.without_text == std::vector{page});
  CHECK(whole.messages == 2);
  CHECK(memory.verbatim() == kThird);
}
