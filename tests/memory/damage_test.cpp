// What a store notices of bytes that were changed in its file.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "memory/checksum.h"
#include "memory/full_text.h"
#include "memory/piece_blocks.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

std::string words(int page) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += "word" + std::to_string((page * 7919 + i * 104729) % 9973) + (i % 12 == 11 ? "\n" : " ");
  return text;
}

std::vector<float> unit_vector(int page, int dim = 32) {
  std::vector<float> vector(static_cast<std::size_t>(dim), 0.0f);
  vector[static_cast<std::size_t>(page % dim)] = 1;
  return vector;
}

/// A page of its own message, with something in every table that can have it.
PageId add_whole_page(Store& store, ScopeId scope, int i, int dim = 8) {
  NewPage page = make_page(words(i), i);
  page.tokens = make_tokens(Level::tiny, i, dim);
  page.embedding = unit_vector(i);
  page.fidelity = Fidelity{0.99, 0.9, 0.95};
  page.anchors = "anchor " + std::to_string(i);
  page.corrections = "correction " + std::to_string(i);
  const NewMessage message{"user", page.text, 1000 + i, "m" + std::to_string(i), 2'000'000'000};
  store.add_messages(scope, {&message, 1});
  return store.add_page(scope, page).value();
}

struct WholeStore {
  explicit WholeStore(int pages, int dim = 8) {
    Store store(folder.file());
    const ScopeId scope = store.scope(kScope);
    for (int i = 1; i <= pages; ++i) add_whole_page(store, scope, i, dim);
    const PageId gone = add_whole_page(store, scope, 9999, dim);  // leaves a tombstone
    store.erase_pages(scope, {&gone, 1}, 6001);
    const NewMessage rest{"user", "what fills no page yet", 5000, "rest"};
    store.add_messages(scope, {&rest, 1});
    const auto pieces = store.pieces_without_vector(scope, 0, 1000);
    store.set_vectors(scope, "toy", pieces,
                      std::vector<std::vector<float>>(pieces.size(), unit_vector(3)));
    store.set_policy(scope, R"({"bands": []})");
    store.set_pinned(scope, 1, true, 6000);
  }
  Database database() const { return Database(folder.file(), folder.file(), 1000); }
  TemporaryFolder folder;
};

void dump(const Database& database, const std::string& sql, std::string& text) {
  Statement row = database.prepare(sql);
  while (row.step()) text += row.text(0) + "\n";
}

/// All that a store holds: the rows of its tables, and where which words are.
std::string contents(const Database& database) {
  add_full_text(database);
  std::string text;
  for (const CheckedTable& table : checked_tables()) {
    std::string columns;
    for (const std::string_view column : table.columns)
      columns += std::string(columns.empty() ? "" : " || ',' || ") + "quote(" + std::string(column) + ")";
    dump(database, "SELECT " + columns + " FROM " + std::string(table.name) + " ORDER BY 1", text);
  }
  dump(database, "SELECT id || name FROM embedders", text);
  dump(database, "SELECT id || user || ',' || agent || ',' || session || ',' || run FROM scopes", text);
  database.execute("CREATE VIRTUAL TABLE temp.w USING fts5vocab(main, piece_words, instance)");
  dump(database, "SELECT term || ' ' || doc || ' ' || offset FROM temp.w", text);
  dump(database, "SELECT id || hex(sz) FROM piece_words_docsize", text);
  return text;
}

TEST_CASE("damage: bytes changed at random are found, unless all that the store holds is as it was") {
  const WholeStore whole(28, 512);
  const std::string good = bytes_of(whole.folder.file());
  REQUIRE(good.size() > 1'000'000);
  REQUIRE(!std::filesystem::exists(whole.folder.file() + "-wal"));
  const std::string held = contents(whole.database());
  std::mt19937 random(15);
  int clean = 0, other = 0;
  for (int copy = 0; copy < 60; ++copy) {
    std::string bad = good;
    for (std::uint32_t left = 1 + random() % 200; left > 0; --left)
      bad[random() % bad.size()] = static_cast<char>(random());
    TemporaryFolder folder;
    std::ofstream(folder.file(), std::ios::binary) << bad;
    error_of([&] {
      const Store store(folder.file());
      if (!store.verify().empty()) return;
      ++clean;
      other += contents(Database(folder.file(), folder.file(), 1000)) != held;
    });
  }
  CHECK(other == 0);
  CHECK(clean <= 3);
}

TEST_CASE("damage: single changed bytes, too") {
  const WholeStore whole(3);
  const std::string good = bytes_of(whole.folder.file());
  const std::string held = contents(whole.database());
  std::mt19937 random(8);
  int other = 0;
  for (int copy = 0; copy < 100; ++copy) {
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    TemporaryFolder folder;
    std::ofstream(folder.file(), std::ios::binary) << bad;
    error_of([&] {
      const Store store(folder.file());
      if (!store.verify().empty()) return;
      other += contents(Database(folder.file(), folder.file(), 1000)) != held;
    });
  }
  CHECK(other == 0);
}

TEST_CASE("damage: any changed value of any table is found, by its page or message") {
  const WholeStore whole(2);
  const Database database = whole.database();
  database.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
  save_piece_block(database, database.integer("SELECT min(id) FROM scopes"), 0, "some bytes");
  const Store store(whole.folder.file());
  REQUIRE(store.verify().empty());
  for (const CheckedTable& table : checked_tables()) {
    const std::string name(table.name);
    CAPTURE(name);
    REQUIRE(database.integer("SELECT count(*) FROM " + name) > 0);
    const std::string key(table.key);
    const std::string first =
        key.empty() ? "" : " WHERE " + key + " = (SELECT min(" + key + ") FROM " + name + ")";
    for (const std::string_view each : table.columns) {
      const std::string column(each);
      CAPTURE(column);
      Transaction undone(database, Transaction::Kind::write);
      database.execute(
          "UPDATE " + name + " SET " + column + " = CASE typeof(" + column +
          ") WHEN 'null' THEN 1 WHEN 'text' THEN " + column + " || 'x' WHEN 'blob' THEN CAST(" +
          column + " || 'x' AS BLOB) ELSE " + column + " + 1000 END" + first);
      const auto changed = static_cast<std::int64_t>(database.changes());
      CHECK(changed > 0);
      CHECK(database.integer("SELECT count(*) FROM " + name + " WHERE NOT " +
                             is_sound(database, name)) == changed);
    }
  }
}

TEST_CASE("damage: vision tokens with a changed byte are named, and all else is still there") {
  const WholeStore whole(2);
  whole.database().execute("UPDATE tokens SET vals = CAST(x'05' || substr(vals, 2) AS BLOB) WHERE page = 1");
  const Store store(whole.folder.file());
  const ScopeId scope = store.find_scope(kScope).value();
  const auto error = error_of([&] { store.tokens(scope, 1); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::corruption);
  CHECK(contains(error->what(), "page 1 has vision tokens that do not match their checksum"));
  CHECK(contains(error->what(), "memctl migrate"));
  CHECK(store.tokens(scope, 2).count == 64);
  CHECK(store.archived_text(scope, 1) == words(1));
  CHECK(store.verify() ==
        std::vector<std::string>{"page 1 has vision tokens that do not match their checksum"});
}

TEST_CASE("damage: a search leaves out an embedding with a changed byte, and can tell") {
  const WholeStore whole(2);
  std::filesystem::remove(whole.folder.file() + ".faiss");
  whole.database().execute("UPDATE embeddings SET vector = CAST(x'01' || substr(vector, 2) AS BLOB) WHERE page = 1");
  Store store(whole.folder.file());
  const auto found = store.search_vectors(kScope, kFingerprint, unit_vector(1), 5);
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == 2);
  CHECK(store.count_unsearchable(kFingerprint) == 1);
  CHECK(store.verify() ==
        std::vector<std::string>{"page 1 has an embedding that does not match its checksum"});
}

TEST_CASE("damage: text that fills no page yet is not put on one with a changed letter") {
  const WholeStore whole(1);
  whole.database().execute("UPDATE verbatim SET text = CAST('What' || substr(text, 5) AS BLOB)");
  const Store store(whole.folder.file());
  const auto error = error_of([&] { store.verbatim(store.find_scope(kScope).value()); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::corruption);
  CHECK(contains(error->what(), "the text of message 2 that does not fill a page yet is damaged"));
}

TEST_CASE("damage: a word that the index has otherwise than the text is found") {
  const WholeStore whole(2);
  Database database = whole.database();
  Statement block = database.prepare("SELECT id, block FROM piece_words_data WHERE id > 10 LIMIT 1");
  REQUIRE(block.step());
  std::string bytes = block.text(1);
  const std::int64_t id = block.integer(0);
  block.reset();
  const std::size_t at = bytes.find("word");
  REQUIRE(at != std::string::npos);
  bytes[at] = 'v';
  database.prepare("UPDATE piece_words_data SET block = ? WHERE id = ?").bind(Blob(std::string_view(bytes)), id).run();
  const auto findings = Store(whole.folder.file()).verify();
  REQUIRE(!findings.empty());
  CHECK(contains(findings[0], "has words in the index that are not those of its text"));
}

TEST_CASE("damage: a changed row stays known as damaged when the store writes or exports it") {
  const WholeStore whole(1);
  whole.database().execute("UPDATE pages SET time = time + 1");
  Store store(whole.folder.file());
  const ScopeId scope = store.find_scope(kScope).value();
  const std::vector<std::string> finding = {"page 1 has a damaged row"};
  store.set_pinned(scope, 1, false, 7000);
  store.set_recalled(scope, std::vector<PageId>{1}, 7001);
  CHECK(store.page(scope, 1).last_recalled == 7001);
  CHECK(store.verify() == finding);
  store.export_scope(kScope, whole.folder.file("copy.db"), {});
  CHECK(Store(whole.folder.file("copy.db")).verify() == finding);
}

TEST_CASE("damage: a changed letter in the SQL of a table is found") {
  const WholeStore whole(1);
  whole.database().execute(
      "PRAGMA writable_schema = ON;"
      "UPDATE sqlite_master SET sql = replace(sql, 'density > 0', 'density > 1') || ' ' "
      "WHERE name = 'pages'");
  CHECK(Store(whole.folder.file()).verify() == std::vector<std::string>{"table pages was changed"});
}

}  // namespace
