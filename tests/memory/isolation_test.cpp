// What scope A does never touches, and never shows, what is B's: one test for every method of the
// store that takes a scope.

#include <doctest/doctest.h>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

constexpr Time kExpires = 4'000'000'000;  // in 2096: what has expired is not shown

/// Two scopes with a page and some verbatim text each; B is the other one.
struct Neighbours {
  explicit Neighbours(const Scope& b_name) : b_scope(b_name) {
    a = fill(a_scope, "apple");
    b = fill(b_scope, "banana");
    before = told_of_b();
  }

  struct Owned {
    ScopeId scope;
    PageId page;
  };
  Owned fill(const Scope& scope, const std::string& word) {
    const ScopeId id = store.scope(scope);
    const NewMessage message{"user", "fruit " + word, 50, "m", kExpires};
    store.add_messages(id, {&message, 1});
    NewPage page = make_page(message.text);
    page.embedding = {1, 0};
    page.anchors = "anchor " + word;
    page.corrections = "correction " + word;
    const PageId made = store.add_page(id, page).value();
    const NewMessage rest{"user", "rest " + word, 60, "r", kExpires};
    store.add_messages(id, {&rest, 1});
    store.set_policy(id, word);
    return {id, made};
  }
  std::string told_of_b() const {
    const StoredPage page = store.page(b.scope, b.page);
    return store.archived_text(b.scope, b.page).value_or("gone") +
           store.verbatim(b.scope).text + store.anchors(b.scope, b.page) +
           store.corrections(b.scope, b.page) + std::string(name_of(page.level)) +
           std::to_string(page.pinned) + std::to_string(page.last_recalled) +
           store.policy(b.scope).value_or("none") + std::to_string(page.fidelity.size()) + std::to_string(store.history(b.scope).size()) +
           std::to_string(store.stats(b.scope).messages);
  }
  template <class Call>
  void is_refused(Call call) {
    const auto error = error_of(call);
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::not_found);
  }

  TemporaryFolder folder;
  Store store{folder.file()};
  Scope a_scope{"ann", "coder", "monday", "first"};
  Scope b_scope;
  Owned a{}, b{};
  std::string before;
};

const Scope kOthers[] = {{"bob", "coder", "monday", "first"},
                         {"ann", "writer", "monday", "first"},
                         {"ann", "coder", "tuesday", "first"},
                         {"ann", "coder", "monday", "second"}};

TEST_CASE("scopes that differ in any one part are apart: A sees nothing of B") {
  for (const Scope& other : kOthers) {
    CAPTURE(to_text(other));
    Neighbours n(other);
    Store& store = n.store;
    CHECK(n.a.scope != n.b.scope);
    CHECK(store.find_scope(n.a_scope) == n.a.scope);
    CHECK(store.pages(n.a.scope).size() == 1);
    CHECK(store.pages(n.a.scope).front().id == n.a.page);
    CHECK(store.verbatim(n.a.scope).text == "rest apple");
    CHECK(store.known_beginning(n.a.scope, "m", 0, "m", "fruit banana") == 0);
    CHECK(store.stats(n.a.scope).pages == 1);
    CHECK(store.stats(n.a.scope).messages == 2);
    CHECK(store.fidelities(n.a.scope, kFingerprint).empty());
    CHECK(store.history(n.a.scope).empty());
    CHECK(store.count_pages(n.a_scope) == 1);
    CHECK(store.search_text(n.a_scope, "banana", 9).pages.empty());
    CHECK(store.search_text(n.a_scope, "fruit", 9).pages.size() == 1);
    CHECK(store.search_vectors(n.a_scope, kFingerprint, std::vector<float>{1, 0}, 9).size() == 1);
    CHECK(store.policy(n.a.scope) == "apple");
    CHECK(!store.find_page(n.a.scope, n.b.page));
    n.is_refused([&] { store.page(n.a.scope, n.b.page); });
    n.is_refused([&] { store.tokens(n.a.scope, n.b.page); });
    n.is_refused([&] { store.archived_text(n.a.scope, n.b.page); });
    n.is_refused([&] { store.spans(n.a.scope, n.b.page); });
    n.is_refused([&] { store.anchors(n.a.scope, n.b.page); });
    n.is_refused([&] { store.corrections(n.a.scope, n.b.page); });
  }
}

TEST_CASE("scopes that differ in any one part are apart: A changes nothing of B") {
  for (const Scope& other : kOthers) {
    CAPTURE(to_text(other));
    Neighbours n(other);
    Store& store = n.store;
    n.is_refused([&] {
      TokenChange change;
      change.page = n.b.page;
      change.from = Level::tiny;
      change.tokens = make_tokens(Level::faint);
      store.replace_tokens(n.a.scope, change);
    });
    n.is_refused([&] { store.set_fidelity(n.a.scope, n.b.page, kFingerprint, Level::tiny, {}); });
    n.is_refused([&] { store.drop_archive(n.a.scope, n.b.page, 1); });
    n.is_refused([&] { store.set_pinned(n.a.scope, n.b.page, true, 1); });
    n.is_refused([&] { store.erase_pages(n.a.scope, {&n.b.page, 1}, 1); });
    store.set_recalled(n.a.scope, {&n.b.page, 1}, 77);
    store.set_policy(n.a.scope, "pear");
    CHECK(!store.add_page(n.a.scope, make_page("rest banana")));
    CHECK(n.told_of_b() == n.before);
    CHECK(store.erase_expired(n.a.scope, kExpires + 1).pages == std::vector{n.a.page});
    CHECK(n.told_of_b() == n.before);
    store.erase_scope(n.a.scope, 1);
    CHECK(n.told_of_b() == n.before);
    CHECK(store.verify().empty());
  }
}

TEST_CASE("exporting A takes nothing of B, importing changes nothing of B") {
  for (const Scope& other : kOthers) {
    CAPTURE(to_text(other));
    Neighbours n(other);
    n.store.export_scope(n.a_scope, n.folder.file("a.fovea"), {});
    CHECK(!contains(bytes_of(n.folder.file("a.fovea")), "banana"));
    CHECK(n.store.import_scope(n.folder.file("a.fovea"), {}, {}, {"new"}) == 1);
    CHECK(n.told_of_b() == n.before);
  }
}

TEST_CASE("a scope is written and read as text, what is left out is default") {
  CHECK(to_text({"ann", "coder", "monday"}) == "ann/coder/monday");
  CHECK(to_text({"ann", "coder", "monday", "3"}) == "ann/coder/monday/3");
  CHECK(scope_from_name("ann") == Scope{"ann"});
  CHECK(scope_from_name("ann/coder/monday/3") == Scope{"ann", "coder", "monday", "3"});
  for (const std::string bad : {"", "/", "ann/", "ann//x", "a/b/c/d/e", "a/b/c/d/"})
    CHECK_MESSAGE(error_of([&] { scope_from_name(bad); })->code() == ErrorCode::invalid_argument,
                  bad);
}

}  // namespace
