// What one scope does never shows or touches what is another's: every method of Memory. Needs
// models/fovea-nano. The store's methods are in tests/memory/isolation_test.cpp.

#include <doctest/doctest.h>

#include "tests/facade/facade_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

const Scope kAnn{.user = "ann", .agent = "coder", .session = "monday", .run = "first"};
const Scope kBob{.user = "ann", .agent = "coder", .session = "monday", .run = "second"};

void is_not_found(const std::function<void()>& work) { CHECK(code_of(work) == ErrorCode::not_found); }

std::string told(Memory& memory) {
  std::string all = joined(memory.recall_all(Source::archive)) + memory.verbatim() +
                    memory.policy().to_json();
  for (const PageInfo& page : memory.pages())
    all += std::to_string(page.id) + std::string(name_of(page.level)) + std::to_string(page.pinned);
  return all + std::to_string(memory.stats().messages);
}

}  // namespace

TEST_CASE("memory: no method shows, ages or erases what another scope has") {
  const TemporaryStore store;
  Memory ann(store.path(), kCheckpoint, kAnn), bob(store.path(), kCheckpoint, kBob);
  MemoryOptions options = at_level(kTiny);
  compact(ann, {said(prose(70), "1", 1)}, options);
  options.policy = Policy::preset("lean");
  compact(bob, {said("zanzibar " + prose(70, 500), "1", 1)}, options);
  const std::int64_t own = ann.pages().at(0).id, foreign = bob.pages().at(0).id;
  const std::string before = told(bob);

  CHECK(ann.pages().size() == 1);
  CHECK(ann.stats().pages == 1);
  CHECK(ann.stats().messages == 1);
  CHECK(ann.verbatim().find("zanzibar") == std::string::npos);
  CHECK(ann.policy().to_json() == Policy::standard().to_json());
  CHECK(joined(ann.recall_all(Source::automatic)).find("zanzibar") == std::string::npos);
  for (const Hit& hit : ann.search("zanzibar harbour")) CHECK(hit.id == own);
  ContextOptions asked;
  asked.query = "zanzibar";
  CHECK(ann.context(asked).document.find("zanzibar") == std::string::npos);
  is_not_found([&] { ann.recall({foreign}, Source::automatic); });
  is_not_found([&] { ann.picture(foreign); });
  is_not_found([&] { ann.promote(foreign); });
  is_not_found([&] { ann.pin(foreign); });
  is_not_found([&] { ann.erase({foreign}); });
  ann.age({.to = Level::faint});
  CHECK(ann.finish(at_level(kTiny)).pages == 1);
  CHECK(ann.migrate().pages == 0);
  CHECK(ann.export_scope(store.path() + ".ann") == 2);
  CHECK(Memory(store.path() + ".copy", kCheckpoint, kBob).import_scope(store.path() + ".ann") == 2);
  CHECK(told(bob) == before);
  ann.erase_scope();
  CHECK(ann.pages().empty());
  CHECK(told(bob) == before);
  CHECK(bob.search("zanzibar").size() == 1);
}
