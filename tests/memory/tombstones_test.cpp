#include "memory/tombstones.h"

#include <doctest/doctest.h>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

NewMessage message(const std::string& text, const std::string& source) {
  return {.role = "user", .text = text, .time = 0, .source_id = source};
}

std::string rest(const Store& store, ScopeId scope) { return store.verbatim(scope).text; }

TEST_CASE("tombstones: an erased message stays away by source and text together, in its scope alone") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope), other = store.scope({"u", "a", "other"});
  const std::vector messages = {message("one ", "m1"), message("two ", "m2"), message("free ", "")};
  store.add_messages(scope, messages);
  const std::vector<std::int64_t> ids = store.find_messages(scope, {});
  REQUIRE(ids.size() == 3);
  Erasure erasure;
  for (const std::int64_t id : ids) erasure.verbatim.push_back({.message = id});
  CHECK(store.erase(scope, erasure, 1).rows.at("messages") == 3);
  CHECK(rest(store, scope).empty());

  CHECK(store.count_erased(scope, messages) == 2);  // what has no source is always new
  CHECK(store.add_messages(scope, messages) == 1);
  CHECK(rest(store, scope) == "free ");
  const std::vector others = {message("one ", "m9"), message("another ", "m1")};
  CHECK(store.add_messages(scope, others) == 2);
  CHECK(store.add_messages(other, messages) == 3);
}

TEST_CASE("tombstones: neither the text nor its source stands in the store's files") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  add_text(store, scope, "the zebra sleeps", "walrus-17");
  store.erase_scope(scope, 1);
  CHECK(all_bytes_of(folder.file()).find("zebra") == std::string::npos);
  CHECK(all_bytes_of(folder.file()).find("walrus") == std::string::npos);
}

TEST_CASE("tombstones: they go with their scope into another store") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  add_text(store, scope, "stays", "m1");
  const PageId gone = add_text(store, scope, "goes", "m2");
  store.erase_pages(scope, {&gone, 1}, 1);
  store.export_scope(kScope, folder.file("export"), {});
  Store other(folder.file("other"));
  other.import_scope(folder.file("export"), {}, {}, kScope);
  const NewMessage again = message("goes", "m2");
  CHECK(other.add_messages(other.scope(kScope), {&again, 1}) == 0);
}

TEST_CASE("an erasure takes stretches out of the text that fills no page, in the order of messages") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const std::string big(40'000, 'x');  // in several pieces
  const std::vector messages = {message(big + "middle" + big, "m1"), message("end", "m2")};
  store.add_messages(scope, messages);
  Erasure erasure;
  erasure.verbatim = {{store.find_messages(scope, {}).front(), big.size(), 6}};
  CHECK(store.erase(scope, erasure, 1).receipt.find("rows verbatim 1") != std::string::npos);
  CHECK(rest(store, scope) == big + big + "end");
  CHECK(store.verify().empty());
  CHECK(store.count_erased(scope, messages) == 0);  // a part of it is still there
}

TEST_CASE("an erasure leaves the rest of a page, with its words and its spans") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const std::vector messages = {message("the lamp, ", "m1"), message("the zebra, ", "m2"),
                                message("the boat", "m3")};
  store.add_messages(scope, messages);
  const PageId page = store.add_page(scope, make_page("the lamp, the zebra, the boat")).value();
  Erasure erasure;
  erasure.rewritten = {{.id = page,
                        .bytes_before = 29,
                        .gone = {{.message = store.find_messages(scope, {})[1]}},
                        .page = make_page("the lamp, the boat", 2)}};
  CHECK(store.erase(scope, erasure, 1).rewritten == std::vector{page});
  CHECK(store.archived_text(scope, page) == "the lamp, the boat");
  CHECK(store.search_text(kScope, "zebra", 9).pages.empty());
  CHECK(store.search_text(kScope, "boat", 9).pages.size() == 1);
  const auto spans = store.spans(scope, page);
  REQUIRE(spans.size() == 2);
  CHECK(spans[1].page_begin == 10);
  CHECK(store.verify().empty());
  CHECK(all_bytes_of(folder.file()).find("zebra") == std::string::npos);

  SUBCASE("unless another process has changed the page") {
    const auto error = error_of([&] { store.erase(scope, erasure, 2); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::io);
  }
}

}  // namespace
