#include <doctest/doctest.h>

#include <random>

#include "memory/archive.h"
#include "memory/database.h"
#include "memory/embedding_bytes.h"
#include "memory/full_text.h"
#include "memory/store.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

std::string as_bytes(const auto& items) {
  return {reinterpret_cast<const char*>(items.data()), items.size() * sizeof(items[0])};
}

/// The page's text as the archive keeps it.
std::string packed_text(const std::string& store, PageId page) {
  const Database database(store, store, 1000);
  Statement row = database.prepare("SELECT text FROM archive WHERE page = ?");
  REQUIRE(row.bind(page).step());
  return row.text(0);
}

PageId add(Store& store, ScopeId scope, const std::string& text, int seed,
           const std::string& source_id) {
  const NewMessage message{"role" + source_id, text, 50, source_id};
  store.add_messages(scope, {&message, 1});
  NewPage page = make_page(text, seed);
  page.embedding = {0.6f + 0.001f * static_cast<float>(seed), 0.8f, 0.25f};
  page.fidelity = Fidelity{1, 1, 1};
  return store.add_page(scope, page).value();
}

TEST_CASE("erasing removes all traces of a page from the file, the WAL and the vector index" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const PageId kept = add(store, scope, "the heron keeps waiting", 3, "source-kept");
  const PageId page = add(store, scope, "zanzibarsecret is the code", 9, "source-gone");
  store.set_pinned(scope, page, true, 1);
  store.search_vectors(kScope, kFingerprint, std::vector<float>{1, 0, 0}, 5);

  const std::string packed = packed_text(folder.file(), page);
  const std::string values = as_bytes(store.tokens(scope, page).values);
  const std::string embedding = pack_embedding(std::vector<float>{0.609f, 0.8f, 0.25f});
  const std::vector<std::string> traces = {packed, values, embedding, "zanzibarsecret",
                                           "source-gone"};
  for (std::size_t i = 0; i < 3; ++i) REQUIRE(contains(all_bytes_of(folder.file()), traces[i]));
  REQUIRE(contains(all_bytes_of(folder.file()), "source-gone"));

  const EraseReceipt erased =
      store.erase_pages(scope, {&page, 1}, 500, HistoryEvent::erase, "asked for");
  CHECK(erased.bytes_gone);
  CHECK(erased.pages == std::vector<PageId>{page});
  CHECK(erased.rows == std::map<std::string, std::size_t>{{"pages", 1},
                                                          {"tokens", 1},
                                                          {"embeddings", 1},
                                                          {"archive", 1},
                                                          {"pieces", 1},
                                                          {"page_fidelity", 1},
                                                          {"page_spans", 1},
                                                          {"messages", 1},
                                                          {"history", 1}});
  for (const std::string& trace : traces) CHECK(!contains(all_bytes_of(folder.file()), trace));
  CHECK(bytes_of(folder.file() + "-wal").size() < 10'000);

  CHECK(error_of([&] { store.page(scope, page); })->code() == ErrorCode::not_found);
  CHECK(store.search_text(kScope, "zanzibarsecret", 5).pages.empty());
  CHECK(store.search_vectors(kScope, kFingerprint, std::vector<float>{1, 0, 0}, 5).size() == 1);
  CHECK(store.search_text(kScope, "heron", 5).pages.at(0).id == kept);
  CHECK(store.archived_text(scope, kept) == "the heron keeps waiting");
  REQUIRE(store.history(scope).size() == 1);
  CHECK(store.history(scope)[0].event == HistoryEvent::erase);
  CHECK(store.history(scope)[0].page == page);
  CHECK(store.history(scope)[0].from == Level::tiny);
  CHECK(store.verify().empty());
}

TEST_CASE("erasing a page takes its anchors and corrections, too" * doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  NewPage page = make_page("some text");
  page.keep_archive = false;
  page.anchors = "anchorsecret";
  page.corrections = "correctionsecret";
  const NewMessage message{"user", page.text, 50, "m"};
  store.add_messages(scope, {&message, 1});
  const PageId id = store.add_page(scope, page).value();
  REQUIRE(contains(all_bytes_of(folder.file()), "anchorsecret"));
  REQUIRE(contains(all_bytes_of(folder.file()), "correctionsecret"));
  const EraseReceipt erased = store.erase_pages(scope, {&id, 1}, 500);
  CHECK(erased.rows.at("anchors") == 1);
  CHECK(erased.rows.at("corrections") == 1);
  CHECK(!contains(all_bytes_of(folder.file()), "anchorsecret"));
  CHECK(!contains(all_bytes_of(folder.file()), "correctionsecret"));
}

TEST_CASE("erasing: the full-text index keeps no word of an erased page" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  std::vector<PageId> ids;
  for (int i = 0; i < 60; ++i)
    ids.push_back(add_text(store, scope, "common word" + std::to_string(i) + "x"));
  std::vector<PageId> odd;
  for (std::size_t i = 1; i < ids.size(); i += 2) odd.push_back(ids[i]);
  CHECK(store.erase_pages(scope, odd, 1).bytes_gone);
  const Database database(folder.file(), folder.file(), 1000);
  add_full_text(database);
  database.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'piece_words', 'row')");
  CHECK(database.integer("SELECT count(*) FROM words") == 31);
  CHECK(database.integer("SELECT doc FROM words WHERE term = 'common'") == 30);
  CHECK(database.integer("SELECT count(*) FROM words WHERE term = 'word1x'") == 0);
}

// SQLite's secure_delete overwrites a row where it is, not where it was before a page was split. Of
// these rows, one would be left in the free space of an index.
TEST_CASE("erasing: rows that SQLite has moved around leave no copies behind" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const ScopeId other = store.scope({"u", "a", "other"});
  std::mt19937 random(1);
  const auto marker = [](int i) { return "-marker" + std::to_string(i) + "q"; };
  for (int round = 0; round < 60; ++round) {
    std::vector<NewMessage> messages;
    for (int i = round * 50; i < round * 50 + 50; ++i)
      messages.push_back({"user", "text", 1, std::to_string(random() % 1'000'000) + marker(i)});
    store.add_messages(round % 2 ? scope : other, messages);
  }
  const EraseReceipt erased = store.erase_scope(scope, 9);
  CHECK(erased.bytes_gone);
  CHECK(erased.rows.at("messages") == 1500);
  const std::string bytes = all_bytes_of(folder.file());
  int left = 0, kept = 0;
  for (int i = 0; i < 3000; ++i) (i / 50 % 2 ? left : kept) += contains(bytes, marker(i));
  CHECK(left == 0);
  CHECK(kept == 1500);
}

TEST_CASE("erasing overwrites in place: the rest of the file stays as it is" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const ScopeId other = store.scope({"other", "a", "s"});
  std::vector<PageId> ids;
  for (int i = 0; i < 200; ++i) {
    const std::string text = "common word" + std::to_string(i) + "x " + std::string(900, 'y');
    ids.push_back(add_text(store, i % 2 ? scope : other, text));
  }
  Database(folder.file(), folder.file(), 1000).integer("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string before = bytes_of(folder.file());
  CHECK(store.erase_pages(scope, {&ids[101], 1}, 1).bytes_gone);
  const std::string after = bytes_of(folder.file());
  REQUIRE(after.size() == before.size());
  std::size_t changed = 0;
  for (std::size_t at = 0; at < after.size(); at += 4096)
    changed += after.compare(at, 4096, before, at, 4096) != 0 ? 1 : 0;
  CHECK(changed < before.size() / 4096 / 4);
  CHECK(contains(before, "word101x"));
  CHECK(!contains(all_bytes_of(folder.file()), "word101x"));
  CHECK(store.search_text({"u", "a", "s"}, "word101x", 5).pages.empty());
  CHECK(store.search_text({"other", "a", "s"}, "word100x", 5).pages.at(0).id == ids[100]);
  CHECK(store.search_text({"u", "a", "s"}, "common", 500).pages.size() == 99);
  CHECK(store.search_text({"other", "a", "s"}, "common", 500).pages.size() == 100);
  CHECK(store.verify().empty());
}

TEST_CASE("erasing most of a store makes its file small" * doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const ScopeId other = store.scope({"other", "a", "s"});
  const PageId kept = add_text(store, other, "the heron waits");
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (int word = 0; word < 200; ++word) text += std::to_string(random()) + " ";
    add_text(store, scope, text);
  }
  Database(folder.file(), folder.file(), 1000).integer("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::size_t before = bytes_of(folder.file()).size();
  CHECK(store.erase_scope(scope, 1).bytes_gone);
  CHECK(bytes_of(folder.file()).size() < before / 4);
  CHECK(store.archived_text(other, kept) == "the heron waits");
  CHECK(store.verify().empty());
}

TEST_CASE("erasing a scope leaves the others whole") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const ScopeId other = store.scope({"u", "a", "other"});
  add(store, scope, "first page", 1, "m1");
  add(store, scope, "second page", 2, "m2");
  const PageId kept = add(store, other, "other page", 3, "m3");
  const NewMessage rest{"user", "verbatimsecret", 0, "m4"};
  store.add_messages(scope, {&rest, 1});

  const EraseReceipt erased = store.erase_scope(scope, 9);
  CHECK(erased.pages.size() == 2);
  CHECK(erased.rows.at("messages") == 3);
  CHECK(erased.rows.at("verbatim") == 1);
  CHECK(!contains(all_bytes_of(folder.file()), "verbatimsecret"));
  CHECK(store.pages(scope).empty());
  CHECK(store.verbatim(scope).text.empty());
  CHECK(store.history(scope).size() == 1);
  CHECK(store.archived_text(other, kept) == "other page");
  CHECK(store.verify().empty());

  SUBCASE("and what was erased stays away until it is to be restored") {
    const NewMessage again{"rolem1", "first page", 1, "m1"};
    CHECK(store.add_messages(scope, {&again, 1}) == 0);
    CHECK(store.count_erased(scope, {&again, 1}) == 1);
    CHECK(store.add_messages(scope, {&again, 1}, true) == 1);
    CHECK(store.add_page(scope, make_page("first page")).value() > kept);
    CHECK(store.count_erased(scope, {&again, 1}) == 0);
  }
}

TEST_CASE("erasing a page keeps a message that goes on elsewhere, so that it is not added again") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const NewMessage message{"user", "one two three", 0, "m"};
  store.add_messages(scope, {&message, 1});
  const PageId first = store.add_page(scope, make_page("one ")).value();
  const PageId second = store.add_page(scope, make_page("two ")).value();
  CHECK(store.erase_pages(scope, {&first, 1}, 1).rows.count("messages") == 0);
  CHECK(store.add_messages(scope, {&message, 1}) == 0);
  CHECK(store.erase_pages(scope, {&second, 1}, 1).rows.count("messages") == 0);
  CHECK(store.verbatim(scope).text == "three");
  const PageId third = store.add_page(scope, make_page("three")).value();
  CHECK(store.erase_pages(scope, {&third, 1}, 1).rows.at("messages") == 1);
  CHECK(store.verify().empty());
}

TEST_CASE("erasing is all or nothing, and names the page that is not there") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const PageId page = add_text(store, scope, "text");
  const auto error = error_of([&] { store.erase_pages(scope, std::vector<PageId>{page, 77}, 1); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::not_found);
  CHECK(contains(error->what(), "no page 77 in scope u/a/s"));
  CHECK(store.pages(scope).size() == 1);
  CHECK(store.erase_pages(scope, {}, 1).pages.empty());
  CHECK(store.erase_pages(scope, std::vector<PageId>{page, page}, 1).pages.size() == 1);
}

TEST_CASE("an id is never given to another page") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const PageId first = add_text(store, scope, "text");
  store.erase_pages(scope, {&first, 1}, 1);
  CHECK(add_text(store, scope, "text") > first);
}

TEST_CASE(
    "erasing while another process reads: rows go at once, bytes when the store is next opened" *
    doctest::skip(on_server())) {
  TemporaryFolder folder;
  const StoreOptions impatient{.patience_ms = 30};
  {
    Store store(folder.file(), impatient);
    const ScopeId scope = store.scope({"u", "a", "s"});
    const PageId page = add(store, scope, "text", 1, "sourcesecret");
    const Database reader(folder.file(), folder.file(), 30);
    Transaction snapshot(reader, Transaction::Kind::read);
    CHECK(reader.integer("SELECT count(*) FROM pages") == 1);
    CHECK(!store.erase_pages(scope, {&page, 1}, 1).bytes_gone);
    CHECK(store.pages(scope).empty());
    CHECK(contains(all_bytes_of(folder.file()), "sourcesecret"));
  }
  Store store(folder.file());
  CHECK(!contains(all_bytes_of(folder.file()), "sourcesecret"));
}

TEST_CASE("a store that keeps no archive has no text left once it is closed") {
  TemporaryFolder folder;
  {
    Store store(folder.file());
    const ScopeId scope = store.scope({"u", "a", "s"});
    for (int i = 0; i < 100; ++i) {
      const NewMessage message{"user", "plaintextsecret " + std::string(i * 37 % 300, 'x'), 0, ""};
      store.add_messages(scope, {&message, 1});
      NewPage page = make_page(message.text);
      page.keep_archive = false;
      CHECK(store.add_page(scope, page));
    }
    CHECK(!store.archived_text(scope, store.pages(scope)[0].id));
  }
  CHECK(!contains(all_bytes_of(folder.file()), "plaintextsecret"));
}

TEST_CASE("a page with a damaged archive can be erased, and word search still works" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope({"u", "a", "s"});
  const PageId good = add_text(store, scope, "the heron waits");
  const PageId bad = add_text(store, scope, "the heron flies");
  Database(folder.file(), folder.file(), 1000)
      .execute("UPDATE archive SET text = x'00' WHERE page = " + std::to_string(bad));
  CHECK(error_of([&] { store.archived_text(scope, bad); })->code() == ErrorCode::corruption);
  CHECK(store.erase_pages(scope, {&bad, 1}, 1).bytes_gone);
  const auto found = store.search_text(kScope, "heron", 5).pages;
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == good);
  CHECK(store.verify().empty());
}

TEST_CASE("erasing gives a receipt that lists what went, signed by its hash; the history keeps it") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const PageId page = add_text(store, scope, "the heron waits", "m");
  const EraseReceipt erased = store.erase_pages(scope, {&page, 1}, 500);
  CHECK(contains(erased.receipt, "fovea receipt 1\nstore "));
  CHECK(contains(erased.receipt,
                 "\nscope u/a/s\ntime 500\npage 1\nrows archive 1\n"
                 "rows messages 1\nrows page_spans 1\nrows pages 1\nrows pieces 1\nrows tokens 1\n"));
  CHECK(!contains(erased.receipt, "heron"));
  CHECK(erased.sha256 == hex(sha256(erased.receipt)));
  CHECK(store.history(scope).at(0).reason == "receipt " + erased.sha256);
  add_text(store, scope, "the heron left", "n");
  const NewMessage waiting[] = {{"user", "a word", 10, "w"}};
  store.add_messages(scope, waiting);
  const EraseReceipt all = store.erase_scope(scope, 600);
  CHECK(all.messages == 2);
  CHECK(all.characters == 14 + 6);
  CHECK(store.history(scope).at(1).reason == "receipt " + all.sha256);
}

TEST_CASE(
    "receipts outlive later erasures of the page and of the scope; another scope keeps its own") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const ScopeId other = store.scope({"v", "a", "s"});
  const PageId of_other = add_text(store, other, "the owl waits", "o");
  const auto reasons = [&](ScopeId of) {
    std::vector<std::string> all;
    for (const HistoryEntry& entry : store.history(of)) all.push_back(entry.reason);
    return all;
  };
  const PageId page = add_text(store, scope, "the heron waits", "m");
  store.set_pinned(scope, page, true, 400);
  const std::string first = store.erase_pages(scope, {&page, 1}, 500).sha256;
  CHECK(reasons(scope) == std::vector{"receipt " + first});
  const std::string second = store.erase_scope(scope, 600).sha256;
  const std::string third = store.erase_scope(scope, 700).sha256;
  CHECK(reasons(scope) == std::vector{"receipt " + first, "receipt " + second, "receipt " + third});
  const std::string of_others = store.erase_pages(other, {&of_other, 1}, 800).sha256;
  CHECK(reasons(other) == std::vector{"receipt " + of_others});
}

TEST_CASE("what has a date of expiry goes when it comes, pinned or not, page or not") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const NewMessage messages[] = {{"user", "pagesecret", 10, "m1", 300},
                                 {"user", "the heron waits", 20, "m2"}};
  store.add_messages(scope, messages);
  const PageId due = store.add_page(scope, make_page("pagesecret")).value();
  const PageId kept = store.add_page(scope, make_page("the heron waits")).value();
  const NewMessage waiting[] = {{"user", "verbatimsecret", 30, "m3", 300},
                                {"user", " and stays", 40, "m4", 400}};
  store.add_messages(scope, waiting);
  store.set_pinned(scope, due, true, 50);
  CHECK(store.page(scope, due).expires == 300);
  CHECK(store.page(scope, kept).expires == 0);
  CHECK(store.erase_expired(scope, 299).rows.empty());
  CHECK(store.erase_expired(scope, 299).receipt.empty());
  const EraseReceipt expired = store.expired(scope, 300);
  CHECK(expired.pages == std::vector{due});
  CHECK(expired.messages == 2);
  const EraseReceipt erased = store.erase_expired(scope, 300);
  CHECK(erased.pages == std::vector{due});
  CHECK(erased.messages == 2);
  CHECK(erased.rows.at("messages") == 2);
  CHECK(erased.rows.at("verbatim") == 1);
  CHECK(erased.bytes_gone == !on_server());
  CHECK(store.verbatim(scope).text == " and stays");
  CHECK(store.pages(scope).size() == 1);
  CHECK(!contains(all_bytes_of(folder.file()), "pagesecret"));
  CHECK(!contains(all_bytes_of(folder.file()), "verbatimsecret"));
  CHECK(store.history(scope).back().event == HistoryEvent::expire);
  CHECK(store.verify().empty());
}

}  // namespace
