#include "memory/store.h"

#include <doctest/doctest.h>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a step down replaces the tokens and is in the history") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const PageId page = add_text(store, scope, "text");
  const TokenChange change{.page = page,
                           .from = Level::tiny,
                           .tokens = make_tokens(Level::trace, 5),
                           .embedding = {},
                           .fidelity = Fidelity{0.5, 0.25, 0.75},
                           .reason = "older than 7 days",
                           .now = 5000};
  CHECK(store.replace_tokens(scope, change));
  CHECK(store.page(scope, page).level == Level::trace);
  CHECK(store.page(scope, page).vision_tokens == 16);
  CHECK(store.page(scope, page).fidelity.at(Level::trace).word_precision == 0.75);
  CHECK(store.tokens(scope, page).values == make_tokens(Level::trace, 5).values);
  CHECK(store.archived_text(scope, page) == "text");

  const auto history = store.history(scope);
  REQUIRE(history.size() == 1);
  CHECK(history[0].event == HistoryEvent::fade);
  CHECK(history[0].page == page);
  CHECK(history[0].from == Level::tiny);
  CHECK(history[0].to == Level::trace);
  CHECK(history[0].reason == "older than 7 days");
  CHECK(history[0].tokens_saved == 48);
  CHECK(history[0].accuracy == 0.5);
  CHECK(history[0].time == 5000);

  // Another process was faster: the page is no longer at the level that the step starts from.
  CHECK(!store.replace_tokens(scope, change));
  CHECK(store.history(scope).size() == 1);
  CHECK(store.verify().empty());
}

TEST_CASE("a step down can drop the archive, and with it what a word search finds") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const PageId page = add_text(store, scope, "the heron waits");
  CHECK(store.search_text(kScope, "heron", 5).pages.size() == 1);
  CHECK(store.replace_tokens(scope, {.page = page,
                                     .from = Level::tiny,
                                     .tokens = make_tokens(Level::faint),
                                     .embedding = {},
                                     .fidelity = {},
                                     .drop_archive = true}));
  CHECK(!store.archived_text(scope, page));
  CHECK(!store.page(scope, page).has_archive);
  CHECK(store.search_text(kScope, "heron", 5).pages.empty());
  CHECK(store.verify().empty());
}

TEST_CASE("an archive is dropped by itself, once") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const PageId page = add_text(store, scope, "the heron waits");
  store.drop_archive(scope, page, 7, "expired");
  store.drop_archive(scope, page, 8, "expired");
  CHECK(!store.archived_text(scope, page));
  REQUIRE(store.history(scope).size() == 1);
  CHECK(store.history(scope)[0].event == HistoryEvent::drop_archive);
}

TEST_CASE("pins and recalls are kept") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const PageId page = add_text(store, scope, "text");
  store.set_pinned(scope, page, true, 1);
  store.set_pinned(scope, page, true, 2);
  store.set_recalled(scope, {&page, 1}, 77);
  CHECK(store.page(scope, page).pinned);
  CHECK(store.page(scope, page).last_recalled == 77);
  store.set_pinned(scope, page, false, 3);
  CHECK(!store.page(scope, page).pinned);
  REQUIRE(store.history(scope).size() == 2);
  CHECK(store.history(scope)[0].event == HistoryEvent::pin);
  CHECK(store.history(scope)[1].event == HistoryEvent::unpin);
}

TEST_CASE("dropping an archive can leave corrections and take the anchors along") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const NewMessage message{"user", "text", 0, "m"};
  store.add_messages(scope, {&message, 1});
  NewPage page = make_page("text");
  page.anchors = "some anchors";
  const PageId id = store.add_page(scope, page).value();
  store.drop_archive(scope, id, 7, "old", "some corrections", false);
  CHECK(!store.archived_text(scope, id));
  CHECK(store.corrections(scope, id) == "some corrections");
  CHECK(store.anchors(scope, id).empty());
  CHECK(store.verify().empty());
}

}  // namespace
