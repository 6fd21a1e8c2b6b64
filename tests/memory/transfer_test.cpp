#include <doctest/doctest.h>

#include "memory/full_text.h"
#include "memory/page_notes.h"
#include "memory/schema.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

const Scope kAnn{"ann", "coder", "monday", "run1"};

/// A store in which Ann has something in every table, and Bob a page before and after hers.
struct Full {
  TemporaryFolder folder;
  Store store{folder.file()};
  ScopeId ann = 0;
  PageId page = 0;

  Full() {
    add_text(store, store.scope({"bob", "coder", "monday"}), "bob's first");
    ann = store.scope(kAnn);
    const PageId gone = add_text(store, ann, "gone again", "m0");
    store.erase_pages(ann, {&gone, 1}, 40);
    const NewMessage messages[] = {{"user", "the heron waits", 50, "m1", 4'000'000'000},
                                   {"user", " and then flies", 60, "m2"}};
    store.add_messages(ann, messages);
    NewPage made = make_page("the heron waits and then");
    made.embedding = {1, 0};
    made.fidelity = Fidelity{0.9, 0.8, 0.7};
    made.anchors = "an anchor";
    made.corrections = "a correction";
    page = store.add_page(ann, made).value();
    store.set_pinned(ann, page, true, 70);
    const auto pieces = store.pieces_without_vector(ann, 0, 10);
    store.set_vectors(ann, "toy", pieces, std::vector<std::vector<float>>(pieces.size(), {1, 2}));
    store.set_policy(ann, "ann's policy");
    add_text(store, store.scope({"bob", "coder", "monday"}), "bob's last");
  }
};

/// All that a store says of a scope, but for the ids.
std::string told(const Store& store, const Scope& name) {
  const ScopeId scope = store.find_scope(name).value();
  std::string all;
  for (const StoredPage& page : store.pages(scope)) {
    all += std::to_string(page.order) + std::string(name_of(page.level)) +
           std::to_string(page.time) + std::to_string(page.pinned) + std::to_string(page.expires) +
           store.archived_text(scope, page.id).value_or("-") + store.anchors(scope, page.id) +
           store.corrections(scope, page.id) + std::to_string(page.fidelity.size());
    for (const std::int8_t value : store.tokens(scope, page.id).values) all += std::to_string(value);
    for (const PageSpan& span : store.spans(scope, page.id))
      all += span.role + std::to_string(span.message_begin) + "+" + std::to_string(span.length);
  }
  for (const HistoryEntry& entry : store.history(scope))
    all +=
        std::string(name_of(entry.event)) + std::to_string(entry.time) + (entry.page ? "p" : "s");
  return all + store.verbatim(scope).text + store.policy(scope).value_or("-");
}

TEST_CASE("export and import: another store has all of the scope and nothing else") {
  Full full;
  CHECK(full.store.export_scope(kAnn, full.folder.file("ann.fovea"), {}) == 1);
  CHECK(!contains(bytes_of(full.folder.file("ann.fovea")), "bob"));
  CHECK(!std::filesystem::exists(full.folder.file("ann.fovea-wal")));
  Store other(full.folder.file("other.db"));
  add_text(other, other.scope({"carl", "coder", "monday"}), "carl's heron");
  const Scope moved{"ann", "elsewhere"};
  CHECK(other.import_scope(full.folder.file("ann.fovea"), {}, {}, moved) == 1);
  CHECK(told(other, moved) == told(full.store, kAnn));
  CHECK(other.search_text(moved, "heron", 5).pages.size() == 1);
  CHECK(other.search_vectors(moved, kFingerprint, std::vector<float>{1, 0}, 5).size() == 1);
  CHECK(other.search_text({"carl", "coder", "monday"}, "heron", 5).pages.size() == 1);
  CHECK(other.verify().empty());
  const NewMessage known{"user", "the heron waits", 50, "m1"};
  CHECK(other.add_messages(other.scope(moved), {&known, 1}) == 0);
}

TEST_CASE("export: every table with rows of a scope has rows in the copy" *
          doctest::skip(on_server())) {
  Full full;
  full.store.export_scope(kAnn, full.folder.file("ann.fovea"), {});
  const Database from(full.folder.file(), "from", 1000);
  const Database copy(full.folder.file("ann.fovea"), "copy", 1000);
  add_full_text(copy);
  Statement table = from.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
      "AND name NOT LIKE 'piece_words_%' AND name <> 'piece_blocks'");
  int tables = 0;
  for (; table.step(); ++tables)
    CHECK_MESSAGE(copy.integer("SELECT count(*) FROM " + table.text(0)) > 0, table.text(0));
  CHECK(tables >= 13);
}

TEST_CASE("import: a scope that is not empty and a file that is none are refused") {
  Full full;
  const std::string file = full.folder.file("ann.fovea");
  full.store.export_scope(kAnn, file, {});
  const auto code = [&](auto call) { return error_of(call)->code(); };
  CHECK(code([&] { full.store.import_scope(file, {}, {}, kAnn); }) == ErrorCode::invalid_argument);
  CHECK(code([&] { full.store.export_scope(kAnn, file, {}); }) == ErrorCode::invalid_argument);
  CHECK(code([&] { full.store.export_scope({"no"}, full.folder.file("x"), {}); }) ==
        ErrorCode::not_found);
  CHECK(code([&] { full.store.import_scope(full.folder.file("no"), {}, {}, {"n"}); }) ==
        ErrorCode::not_found);
  CHECK(full.store.verify().empty());
}

TEST_CASE("import: a file in use or of several scopes is refused" * doctest::skip(on_server())) {
  Full full;
  const auto in_use = error_of([&] { full.store.import_scope(full.folder.file(), {}, {}, {"n"}); });
  CHECK(in_use->code() == ErrorCode::invalid_argument);
  full.store.backup(full.folder.file("copy.db"));
  const auto several =
      error_of([&] { full.store.import_scope(full.folder.file("copy.db"), {}, {}, {"n"}); });
  REQUIRE(several);
  CHECK(contains(several->what(), "bob/coder/monday, ann/coder/monday/run1; name the one"));
  CHECK(full.store.import_scope(full.folder.file("copy.db"), {}, kAnn, {"n"}) == 1);
  CHECK(full.store.verify().empty());
  for (const auto& entry : std::filesystem::directory_iterator(full.folder.path))
    CHECK(!contains(entry.path().string(), ".part"));
}

TEST_CASE("import: a damaged file takes nothing in") {
  Full full;
  const std::string file = full.folder.file("ann.fovea");
  full.store.export_scope(kAnn, file, {});
  const std::string whole = bytes_of(file);
  for (const std::size_t size : {std::size_t{100}, whole.size() / 2}) {
    std::ofstream(file, std::ios::binary) << whole.substr(0, size);
    Store other(full.folder.file("other" + std::to_string(size)));
    CHECK(error_of([&] { other.import_scope(file, {}, kAnn, kAnn); }));
    CHECK(other.verify().empty());
    CHECK(other.stats(other.scope(kAnn)).pages == 0);
  }
}

TEST_CASE("import: ids that leave no room for others are refused" * doctest::skip(on_server())) {
  Full full;
  const std::string file = full.folder.file("ann.fovea");
  full.store.export_scope(kAnn, file, {});
  Database(file, file, 1000)
      .execute("PRAGMA foreign_keys = OFF; UPDATE pages SET id = 9223372036854775806");
  Store other(full.folder.file("other.db"));
  const auto error = error_of([&] { other.import_scope(file, {}, {}, kAnn); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::corruption);
  CHECK(contains(error->what(), "ids of its pages go from"));
}

TEST_CASE("export and import cross from a readable store into an encrypted one and back" *
          doctest::skip(on_server())) {
  Full full;
  StoreOptions sealed;
  sealed.key.emplace().fill(9);
  full.store.export_scope(kAnn, full.folder.file("sealed.fovea"), sealed.key);
  CHECK(!contains(bytes_of(full.folder.file("sealed.fovea")), "heron"));
  Store encrypted(full.folder.file("sealed.db"), sealed);
  CHECK(encrypted.import_scope(full.folder.file("sealed.fovea"), sealed.key, {}, kAnn) == 1);
  CHECK(told(encrypted, kAnn) == told(full.store, kAnn));
  encrypted.backup(full.folder.file("sealed-backup.db"));
  CHECK(!contains(bytes_of(full.folder.file("sealed-backup.db")), "heron"));
  const Store copy(full.folder.file("sealed-backup.db"), sealed);
  CHECK(told(copy, kAnn) == told(full.store, kAnn));
  CHECK(copy.verify().empty());
}

TEST_CASE("backup: a whole copy, made while the store is being written to" *
          doctest::skip(on_server())) {
  Full full;
  Store writer(full.folder.file());
  add_text(writer, writer.scope(kScope), "before the backup");
  full.store.backup(full.folder.file("copy.db"));
  add_text(writer, writer.scope(kScope), "after it");
  const Store copy(full.folder.file("copy.db"));
  CHECK(told(copy, kAnn) == told(full.store, kAnn));
  CHECK(copy.stats(copy.find_scope(kScope).value()).pages == 1);
  CHECK(copy.verify().empty());
  CHECK(error_of([&] { full.store.backup(full.folder.file("copy.db")); })->code() ==
        ErrorCode::invalid_argument);
}

}  // namespace
