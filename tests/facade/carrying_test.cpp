// Copies, keys and what a program is told of them. Needs models/fovea-nano.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr Level kFaint = Level::faint;
const Scope kAnn{"ann"}, kBob{"bob"};

KeySource key_of(char digit) {
  return [digit] { return key_from_text(std::string(64, digit), "key"); };
}

Memory open_as(const std::string& path, const Scope& scope, const KeySource& key = {}) {
  return {path, kCheckpoint, scope, {}, key};
}

void add_page(Memory& memory, const std::string& text) {
  compact(memory, {said(text, "1")}, at_level(kFaint));
  memory.finish(at_level(kFaint));
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("carrying: a backup holds every user's memory, an export its own user's alone") {
  const TemporaryStore store;
  Memory ann = open_as(store.path(), kAnn), bob = open_as(store.path(), kBob);
  add_page(ann, "the secret of ann\n");
  add_page(bob, "the secret of bob\n");
  ann.backup(store.path() + ".all");
  CHECK(ann.export_scope(store.path() + ".ann") == 1);
  for (const Scope& scope : {kAnn, kBob}) {
    const Memory copy = open_as(store.path() + ".all", scope);
    CHECK(joined(copy.recall_all(Source::archive)) == "the secret of " + scope.user + "\n");
    CHECK(copy.search("secret").size() == 1);
  }
  CHECK(bytes_of(store.path() + ".ann").find("bob") == std::string::npos);
  const Memory exported = open_as(store.path() + ".ann", kAnn);
  REQUIRE(exported.scopes(true).size() == 1);
  CHECK(exported.scopes(true)[0].scope == kAnn);

  const std::string before = bytes_of(store.path() + ".all");
  CHECK(code_of([&] { ann.backup(store.path() + ".all"); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { ann.export_scope(store.path() + ".all"); }) == ErrorCode::invalid_argument);
  CHECK(bytes_of(store.path() + ".all") == before);
  CHECK(code_of([&] { bob.import_scope(store.path() + ".ann"); }) == ErrorCode::invalid_argument);
  CHECK(joined(bob.recall_all(Source::archive)) == "the secret of bob\n");
}

TEST_CASE("carrying: a store opens with its key alone, and with the new one after a change") {
  const TemporaryStore store;
  {
    Memory memory = open_as(store.path(), kAnn, key_of('1'));
    add_page(memory, "the secret of ann\n");
    CHECK(memory.export_scope(store.path() + ".ann", key_of('3')) == 1);
    memory.change_key(key_of('2'));
    CHECK(code_of([&] { memory.change_key({}); }) == ErrorCode::invalid_argument);
    CHECK(memory.stats().pages == 1);  // it stays open
  }
  for (const KeySource& wrong : {KeySource(), key_of('1')})
    CHECK(code_of([&] { open_as(store.path(), kAnn, wrong); }) == ErrorCode::invalid_argument);
  CHECK(open_as(store.path(), kAnn, key_of('2')).search("secret").size() == 1);
  CHECK(bytes_of(store.path()).find("secret") == std::string::npos);

  Memory other = open_as(store.path() + ".plain", kBob);
  CHECK(code_of([&] { other.change_key(key_of('1')); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { other.import_scope(store.path() + ".ann", key_of('1')); }) ==
        ErrorCode::invalid_argument);
  CHECK(other.stats().messages == 0);
  CHECK(other.import_scope(store.path() + ".ann", key_of('3')) == 1);
  CHECK(joined(other.recall_all(Source::archive)) == "the secret of ann\n");
}

TEST_CASE("carrying: a scope that is not there is told by its neighbours' names") {
  const TemporaryStore store;
  Memory ann = open_as(store.path(), {"ann", "coder", "monday"});
  ann.add("Good morning");
  ann.require_scope();
  const Memory near = open_as(store.path(), {"ann", "coder", "mondya"});
  CHECK_THROWS_WITH_AS(near.require_scope(), doctest::Contains("did you mean ann/coder/monday?"),
                       Error);
  const Memory far = open_as(store.path(), {"zoe", "poet", "sunday"});
  CHECK(code_of([&] { far.require_scope(); }) == ErrorCode::not_found);
  CHECK(far.scopes().empty());
  REQUIRE(far.scopes(true).size() == 1);
  CHECK(near.scopes().size() == 1);
  CHECK(near.scopes()[0].messages == 1);
}

TEST_CASE(
    "events: what succeeded is told once, to its own memory's listener, with what it came to") {
  const TemporaryStore store;
  Memory ann = open_as(store.path(), kAnn), bob = open_as(store.path(), kBob);
  std::vector<Event> told;
  ann.on_event([&](const Event& event) { told.push_back(event); });
  add_page(ann, "the first page of ann\n");
  add_page(bob, "the first page of bob\n");
  const std::int64_t page = ann.pages().at(0).id;
  ann.recall({page}, Source::archive);
  CHECK(code_of([&] { ann.recall({page + 7}, Source::archive); }) == ErrorCode::not_found);
  ann.age({.to = Level::trace});
  ann.erase({page});
  std::vector<std::string> names;
  for (const Event& event : told) {
    names.push_back(event.name);
    CHECK(event.scope == kAnn);
    CHECK(event.seconds >= 0);
    CHECK(to_json(event).find("\"scope\":\"ann/default/default\"") != std::string::npos);
    CHECK(to_json(event).find('\n') == std::string::npos);
  }
  CHECK(names == std::vector<std::string>{"compact", "finish", "recall", "age", "erase"});
  CHECK(told.at(1).pages == 1);
  CHECK(told.at(1).levels.at(kFaint).pages == 1);
  CHECK(told.at(3).tokens_saved == 36 - 16);
  CHECK(told.at(4).levels.empty());
  ann.on_event({});
  ann.add("untold");
  CHECK(told.size() == names.size());
}
