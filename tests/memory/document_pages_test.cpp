#include <doctest/doctest.h>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

NewPage document(const std::string& text, const std::string& opening,
                 const std::string& leaves_open) {
  NewPage page = make_page(text);
  page.tokens.layout = Layout::document;
  page.tokens.row_lengths.clear();
  page.document = DocumentSetting{Level::small, opening};
  page.leaves_open = leaves_open;
  return page;
}

TEST_CASE("store: a document page keeps what it is set by, and what it leaves open") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const NewMessage message{.role = "user", .text = "```\none\ntwo\n```\nthree\n",
                           .source_id = {}};
  store.add_messages(scope, {&message, 1});
  CHECK(store.verbatim(scope).opening.empty());

  const PageId first = store.add_page(scope, document("```\none\n", "", "```\n")).value();
  CHECK(store.verbatim(scope).opening == "```\n");
  const PageId second = store.add_page(scope, document("two\n```\n", "```\n", "")).value();
  CHECK(store.verbatim(scope).opening.empty());

  CHECK(store.page(scope, first).document == DocumentSetting{Level::small, ""});
  CHECK(store.page(scope, second).document == DocumentSetting{Level::small, "```\n"});
  CHECK(store.tokens(scope, second).layout == Layout::document);
  const auto spans = store.spans(scope, second);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].message_begin == 8);
  CHECK(spans[0].length == 8);
  CHECK(store.verify().empty());
}

TEST_CASE("store: a page and its vision tokens are of one layout") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const NewMessage message{.role = "user", .text = "text", .source_id = {}};
  store.add_messages(scope, {&message, 1});
  NewPage page = make_page("text");
  page.document.emplace();
  const auto error = error_of([&] { store.add_page(scope, page); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::invalid_argument);
  CHECK(store.add_page(scope, make_page("text")));
}

}  // namespace
