#include "memory/page_notes.h"

#include <doctest/doctest.h>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

struct NotedPage {
  NotedPage() : store(folder.file()), scope(store.scope({"u", "a", "s"})) {
    NewPage page = make_page("the exact text", 1, Level::small);
    page.anchors = "kept: \x01\xff";
    page.corrections = "replaced";
    const NewMessage message{"user", page.text, 50, "m"};
    store.add_messages(scope, {&message, 1});
    id = store.add_page(scope, page).value();
  }
  TokenChange step_to(Level level) const {
    TokenChange change;
    change.page = id;
    change.from = store.page(scope, id).level;
    change.tokens = make_tokens(level);
    return change;
  }

  TemporaryFolder folder;
  Store store;
  ScopeId scope;
  PageId id = 0;
};

TEST_CASE("notes: anchors and corrections come back byte for byte") {
  const NotedPage page;
  CHECK(page.store.anchors(page.scope, page.id) == "kept: \x01\xff");
  CHECK(page.store.corrections(page.scope, page.id) == "replaced");
  CHECK(page.store.stats(page.scope).anchor_bytes > 0);
  CHECK(page.store.stats(page.scope).correction_bytes > 0);
  CHECK(page.store.verify().empty());
}

TEST_CASE("notes: corrections belong to the tokens and go with them, anchors stay until dropped") {
  NotedPage page;
  TokenChange change = page.step_to(Level::tiny);
  change.corrections = "other";
  CHECK(page.store.replace_tokens(page.scope, change));
  CHECK(page.store.corrections(page.scope, page.id) == "other");
  CHECK(page.store.replace_tokens(page.scope, page.step_to(Level::faint)));
  CHECK(page.store.corrections(page.scope, page.id).empty());
  CHECK(page.store.anchors(page.scope, page.id) == "kept: \x01\xff");
  change = page.step_to(Level::trace);
  change.drop_anchors = true;
  CHECK(page.store.replace_tokens(page.scope, change));
  CHECK(page.store.anchors(page.scope, page.id).empty());
}

TEST_CASE("notes: dropped ones are gone from the file once the store is closed") {
  TemporaryFolder folder;
  {
    Store store(folder.file());
    const ScopeId scope = store.scope({"u", "a", "s"});
    NewPage page = make_page("text");
    page.corrections = "correctionsecret";
    const NewMessage message{"user", page.text, 50, "m"};
    store.add_messages(scope, {&message, 1});
    TokenChange change;
    change.page = store.add_page(scope, page).value();
    change.from = Level::tiny;
    change.tokens = make_tokens(Level::faint);
    CHECK(store.replace_tokens(scope, change));
  }
  CHECK(!contains(all_bytes_of(folder.file()), "correctionsecret"));
}

TEST_CASE("notes: damage is found, named and not handed out" * doctest::skip(on_server())) {
  const NotedPage page;
  Database(page.folder.file(), page.folder.file(), 1000)
      .execute("UPDATE anchors SET packed = zeroblob(20)");
  const auto error = error_of([&] { page.store.anchors(page.scope, page.id); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::corruption);
  CHECK(contains(error->what(), "the anchors of page 1 are damaged"));
  CHECK(page.store.verify() == std::vector<std::string>{"page 1 has anchors that are damaged"});
}

}  // namespace
