// Needs the shipped checkpoint, models/fovea-nano.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

Memory open_to_read(const TemporaryStore& store) {
  return {store.path(), kCheckpoint, {}, {}, {}, Access::read};
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("read-only: everything can be read, and no byte of the store changes") {
  const TemporaryStore store;
  {
    Memory memory = store.open();
    auto options = at_level(Level::small);
    options.archive = Archive::drop;
    options.keep_words = false;
    compact(memory, {said(prose(140), "1", 1'700'000'000)}, options);
  }
  const std::string before = bytes_of(store.path());
  {
    Memory memory = open_to_read(store);
    CHECK(memory.pages().size() == 2);
    CHECK(memory.read({1}, Source::tokens).at(0).text.size() > 5000);
    CHECK(memory.picture(2).level == Level::small);
    CHECK(memory.search("harbour").size() > 0);
    AgeOptions options;
    options.to = Level::tiny;
    CHECK(memory.plan(options).steps.size() == 2);
    CHECK(memory.verify().empty());
    CHECK(code_of([&] { memory.pin(1); }) == ErrorCode::io);
    CHECK(code_of([&] { memory.add("more"); }) == ErrorCode::io);
    CHECK(code_of([&] { memory.recall({1}, Source::tokens); }) == ErrorCode::io);
    CHECK(code_of([&] { memory.erase_scope(); }) == ErrorCode::io);
  }
  CHECK(bytes_of(store.path()) == before);
  CHECK_FALSE(std::filesystem::exists(store.path() + ".faiss"));
  CHECK(store.open().stats().pages == 2);
}

TEST_CASE("read-only: what another writes meanwhile is seen") {
  const TemporaryStore store;
  Memory writer = store.open();
  writer.add("one");
  const Memory reader = open_to_read(store);
  CHECK(reader.messages().size() == 1);
  writer.add("two");
  CHECK(reader.messages().size() == 2);
}

TEST_CASE("read-only: a store that is not there is not made") {
  const TemporaryStore store;
  CHECK(code_of([&] { open_to_read(store); }) == ErrorCode::io);
  CHECK_FALSE(std::filesystem::exists(store.path()));
}
