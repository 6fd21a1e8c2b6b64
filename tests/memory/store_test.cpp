#include "memory/store.h"

#include <doctest/doctest.h>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

const Scope kAlice{"alice", "coder", "monday"};

TEST_CASE("a scope is made once and found again") {
  TemporaryFolder folder;
  Store store(folder.file());
  CHECK(!store.find_scope(kAlice));
  const ScopeId id = store.scope(kAlice);
  CHECK(store.scope(kAlice) == id);
  CHECK(store.find_scope(kAlice) == id);
  CHECK(store.scope({"bob", "coder", "monday"}) != id);
  CHECK(store.scopes() == std::vector<Scope>{kAlice, {"bob", "coder", "monday"}});
}

TEST_CASE("a scope with an empty name, which no text could name, is not made") {
  TemporaryFolder folder;
  Store store(folder.file());
  for (const Scope& name : {Scope{"", "a", "s", "r"}, Scope{"u", "", "s", "r"},
                            Scope{"u", "a", "", "r"}, Scope{"u", "a", "s", ""}}) {
    const auto error = error_of([&] { store.scope(name); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK(contains(error->what(), "has an empty name"));
    CHECK(!store.find_scope(name));
  }
  CHECK(store.scopes().empty());
}

TEST_CASE("a message that the scope has is not added again") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  const std::vector<NewMessage> history = {
      {"user", "hello\n", 10, "m1"}, {"user", "ok\n", 11, "m2"}, {"user", "ok\n", 12, "m3"}};
  CHECK(store.add_messages(scope, history) == 3);
  CHECK(store.add_messages(scope, history) == 0);
  CHECK(store.verbatim(scope).text == "hello\nok\nok\n");

  SUBCASE("the same source with another text is another message") {
    const NewMessage edited{"user", "hello!\n", 10, "m1"};
    CHECK(store.add_messages(scope, {&edited, 1}) == 1);
  }
  SUBCASE("without a source a message is always new") {
    const NewMessage plain{"user", "ok\n", 13, ""};
    CHECK(store.add_messages(scope, {&plain, 1}) == 1);
    CHECK(store.add_messages(scope, {&plain, 1}) == 1);
  }
  SUBCASE("another scope has its own messages") {
    CHECK(store.add_messages(store.scope({"bob", "coder", "monday"}), history) == 3);
  }
}

TEST_CASE("vision tokens in a checkpoint's own code come back byte for byte, in an export too") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  NewPage page = make_page("the text");
  page.tokens.values.clear();
  page.tokens.scales.clear();
  page.tokens.code = {7, 0, 255, 1, 2};
  const NewMessage message{"user", page.text, 50, "m"};
  store.add_messages(scope, {&message, 1});
  const PageId id = store.add_page(scope, page).value();
  CHECK(store.tokens(scope, id).code == page.tokens.code);
  CHECK(store.tokens(scope, id).values.empty());
  CHECK(store.stats(scope).token_bytes == 5);
  CHECK(store.stats(scope).text_bytes == 8);
  CHECK(store.verify().empty());

  Store other(folder.file("other.db"));
  add_text(other, other.scope({"bob", "b", "b"}), "something else");  // a checkpoint of that number
  store.export_scope(kAlice, folder.file("alice.fovea"), {});
  other.import_scope(folder.file("alice.fovea"), {}, {}, kAlice);
  const ScopeId copied = other.find_scope(kAlice).value();
  const VisionTokens tokens = other.tokens(copied, other.pages(copied).at(0).id);
  CHECK(tokens.code == page.tokens.code);
  CHECK(tokens.fingerprint == kFingerprint);

  page.tokens.values.assign(64 * 8, 1);
  CHECK(error_of([&] { store.add_page(scope, page); })->code() == ErrorCode::invalid_argument);
}

TEST_CASE("verbatim text is read up to a limit, whatever its bytes") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  CHECK(store.verbatim(scope).text.empty());
  CHECK(!store.verbatim(scope).more_follows);
  const std::string odd("a\0\xff\xc3", 4);
  const std::string text = odd + std::string(100'000, 'x') + "end";
  const NewMessage message{"tool", text, 0, ""};
  store.add_messages(scope, {&message, 1});
  CHECK(store.verbatim(scope).text == text);
  CHECK(!store.verbatim(scope).more_follows);
  CHECK(store.verbatim(scope, 4).text == odd);
  CHECK(store.verbatim(scope, 4).more_follows);
  CHECK(store.verbatim(scope, text.size()).text == text);
  CHECK(!store.verbatim(scope, text.size()).more_follows);
}

TEST_CASE("a page takes the beginning of the verbatim text and knows its messages") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  const std::vector<NewMessage> history = {
      {"user", "one ", 100, "m1"}, {"assistant", "two ", 300, "m2"}, {"user", "three", 200, "m3"}};
  store.add_messages(scope, history);

  const auto first = store.add_page(scope, make_page("one two th"));
  REQUIRE(first);
  CHECK(store.verbatim(scope).text == "ree");
  const auto spans = store.spans(scope, *first);
  REQUIRE(spans.size() == 3);
  CHECK(spans[1].role == "assistant");
  CHECK(spans[1].page_begin == 4);
  CHECK(spans[1].message_begin == 0);
  CHECK(spans[1].length == 4);
  CHECK(spans[2].length == 2);

  const auto second = store.add_page(scope, make_page("ree"));
  REQUIRE(second);
  CHECK(store.verbatim(scope).text.empty());
  CHECK(store.spans(scope, *second).at(0).message_begin == 2);

  const auto pages = store.pages(scope);
  REQUIRE(pages.size() == 2);
  CHECK(pages[0].id == *first);
  CHECK(pages[0].order == 1);
  CHECK(pages[0].time == 300);  // the latest message on it
  CHECK(pages[1].time == 200);
  CHECK(pages[0].bytes == 10);
  CHECK(pages[0].vision_tokens == 64);
  CHECK(pages[0].has_archive);
  CHECK(store.verify().empty());
}

TEST_CASE("a page of messages without a time has the time it is given") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  const PageId page = add_text(store, scope, "text");
  CHECK(store.page(scope, page).time == 1000);
}

TEST_CASE("a long message becomes many pages, each with one span") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + " ";
  const NewMessage message{"tool", text, 5, "m"};
  store.add_messages(scope, {&message, 1});
  std::string joined;
  while (!store.verbatim(scope, 1).text.empty()) {
    const std::string part = store.verbatim(scope, 5618).text;
    const auto page = store.add_page(scope, make_page(part));
    REQUIRE(page);
    REQUIRE(store.spans(scope, *page).size() == 1);
    CHECK(store.spans(scope, *page)[0].message_begin == joined.size());
    joined += store.archived_text(scope, *page).value();
  }
  CHECK(joined == text);
  CHECK(store.verify().empty());
}

TEST_CASE("a page whose text another process has taken is not written") {
  TemporaryFolder folder;
  Store store(folder.file());
  Store other(folder.file());
  const ScopeId scope = store.scope(kAlice);
  const NewMessage message{"user", "abcdef", 0, ""};
  store.add_messages(scope, {&message, 1});
  CHECK(other.add_page(scope, make_page("abc")));
  CHECK(!store.add_page(scope, make_page("abc")));
  CHECK(!store.add_page(scope, make_page("defg")));
  CHECK(store.verbatim(scope).text == "def");
  CHECK(store.pages(scope).size() == 1);
}

TEST_CASE("vision tokens come back as they were") {
  TemporaryFolder folder;
  PageId page = 0;
  {
    Store store(folder.file());
    page = add_text(store, store.scope(kAlice), "text");
  }
  Store store(folder.file());
  const VisionTokens expected = make_tokens(Level::tiny);
  const VisionTokens tokens = store.tokens(store.scope(kAlice), page);
  CHECK(tokens.level == expected.level);
  CHECK(tokens.density == expected.density);
  CHECK(tokens.row_lengths == expected.row_lengths);
  CHECK(tokens.count == 64);
  CHECK(tokens.dim == 8);
  CHECK(tokens.values == expected.values);
  CHECK(tokens.scales == expected.scales);
  CHECK(tokens.fingerprint == kFingerprint);
}

TEST_CASE("a page that is not whole is refused and nothing is written") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  const NewMessage message{"user", "text", 0, ""};
  store.add_messages(scope, {&message, 1});
  NewPage page = make_page("text");
  SUBCASE("tokens of another count") {
    page.tokens.count = 63;
  }
  SUBCASE("values missing") {
    page.tokens.values.pop_back();
  }
  SUBCASE("a scale that is not finite") {
    page.tokens.scales[3] = std::nanf("");
  }
  SUBCASE("no fingerprint") {
    page.tokens.fingerprint = "abc";
  }
  SUBCASE("a row longer than the page is wide") {
    page.tokens.row_lengths = {107};
  }
  SUBCASE("more rows than the page has") {
    page.tokens.row_lengths.assign(54, 1);
  }
  SUBCASE("an embedding that is not finite") {
    page.embedding = {1, INFINITY};
  }
  SUBCASE("no text") {
    page.text.clear();
  }
  const auto error = error_of([&] { store.add_page(scope, page); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::invalid_argument);
  CHECK(store.pages(scope).empty());
  CHECK(store.verbatim(scope).text == "text");
}

TEST_CASE("pages are read in stretches, in order") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  for (int i = 0; i < 7; ++i) add_text(store, scope, "page " + std::to_string(i));
  std::vector<std::int64_t> seen;
  std::int64_t after = 0;
  for (auto part = store.pages(scope, after, 3); !part.empty();
       part = store.pages(scope, after, 3)) {
    CHECK(part.size() <= 3);
    for (const StoredPage& page : part) seen.push_back(after = page.order);
  }
  CHECK(seen == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a page of another scope is not found") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  const ScopeId other = store.scope({"bob", "coder", "monday"});
  const PageId page = add_text(store, scope, "secret");
  const auto check = [&](auto call) {
    const auto error = error_of(call);
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::not_found);
    CHECK(error->what() == "no page " + std::to_string(page) +
                               " in scope bob/coder/monday of store " + folder.file());
  };
  check([&] { store.page(other, page); });
  check([&] { store.tokens(other, page); });
  check([&] { store.archived_text(other, page); });
  check([&] { store.spans(other, page); });
  check([&] { store.set_pinned(other, page, true, 1); });
  check([&] { store.drop_archive(other, page, 1); });
  check([&] { store.erase_pages(other, {&page, 1}, 1); });
  check([&] {
    store.replace_tokens(other, {.page = page,
                                 .from = Level::tiny,
                                 .tokens = make_tokens(Level::trace),
                                 .embedding = {},
                                 .fidelity = {}});
  });
  CHECK(store.page(scope, page).level == Level::tiny);
}

TEST_CASE("statistics count what one scope has") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kAlice);
  add_text(store, store.scope({"bob", "coder", "monday"}), "not counted");
  const PageId page = add_text(store, scope, "twelve bytes");
  add_text(store, scope, "more");
  store.set_fidelity(scope, page, kFingerprint, Level::tiny, {0.9, 0.5, 0.8});
  store.set_fidelity(scope, page, std::string(64, 'b'), Level::tiny, {0.1, 0.1, 0.1});
  const NewMessage rest{"user", "grüße", 0, ""};
  store.add_messages(scope, {&rest, 1});

  const Stats stats = store.stats(scope);
  CHECK(stats.pages == 2);
  CHECK(stats.messages == 3);
  CHECK(stats.text_tokens == 4);
  CHECK(stats.vision_tokens == 128);
  CHECK(stats.token_bytes == 2 * (64 * 8 + 64 * 4));
  CHECK(stats.archive_bytes > 0);
  CHECK(stats.file_bytes > 4096);
  CHECK(stats.verbatim_bytes == 7);
  CHECK(stats.verbatim_characters == 5);
  REQUIRE(stats.levels.size() == 1);
  CHECK(stats.levels.at(Level::tiny).pages == 2);
  CHECK(stats.levels.at(Level::tiny).vision_tokens == 128);
  CHECK(stats.levels.at(Level::tiny).fidelity == 0.9);
}

TEST_CASE("a scope keeps the policy it was given last") {
  TemporaryFolder folder;
  {
    Store store(folder.file());
    const ScopeId scope = store.scope(kScope);
    CHECK(!store.policy(scope));
    store.set_policy(scope, "first");
    store.set_policy(scope, "second");
  }
  Store store(folder.file());
  const ScopeId scope = store.find_scope(kScope).value();
  CHECK(store.policy(scope) == "second");
  store.export_scope(kScope, folder.file("copy"), {});
  store.set_policy(store.scope({"v"}), "goes when another comes");
  store.import_scope(folder.file("copy"), {}, {}, {"v"});
  CHECK(store.policy(store.scope({"v"})) == "second");
  CHECK(store.erase_scope(scope, 1).rows.at("policies") == 1);
  CHECK(!store.policy(scope));
}

TEST_CASE("a page knows how its text parts tool calls from their results") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const NewMessage message{"user", "one two", 0, "m"};
  store.add_messages(scope, {&message, 1});
  NewPage page = make_page("one ");
  page.tools = {.awaits_result = true, .begins_with_result = false};
  store.add_page(scope, page);
  store.add_page(scope, make_page("two"));
  const auto pages = store.pages(scope);
  CHECK(pages.at(0).tools.value().awaits_result);
  CHECK(!pages[0].tools->begins_with_result);
  CHECK(!pages.at(1).tools.value().awaits_result);
}

}  // namespace
