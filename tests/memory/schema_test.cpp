#include "memory/schema.h"

#include <doctest/doctest.h>

#include "memory/archive.h"
#include "memory/pieces.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

Database open(const std::string& path) {
  return Database(path, path, 1000);
}

const std::vector<Migration> kTwo = {
    {1, "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7)"},
    {2, "CREATE TABLE b (y INTEGER) STRICT; INSERT INTO b SELECT x FROM a"}};

TEST_CASE("schema: an empty file becomes a store of the newest version") {
  TemporaryFolder folder;
  const Database database = open(folder.file());
  prepare_schema(database);
  CHECK(database.integer("PRAGMA application_id") == kApplicationId);
  CHECK(database.integer("PRAGMA user_version") == migrations().back().version);
  for (const char* table :
       {"scopes", "messages", "verbatim", "pages", "page_spans", "page_fidelity", "tokens",
        "embeddings", "archive", "anchors", "corrections", "history", "policies", "pieces",
        "piece_words"})
    CHECK_MESSAGE(database.integer("SELECT count(*) FROM sqlite_master WHERE name = '" +
                                   std::string(table) + "'") == 1,
                  table);
}

TEST_CASE("schema: every table is STRICT") {
  TemporaryFolder folder;
  const Database database = open(folder.file());
  prepare_schema(database);
  CHECK(database.integer(
            "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND NOT strict "
            "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'piece_words%'") == 0);
}

TEST_CASE("schema: an older store is migrated, version by version") {
  TemporaryFolder folder;
  const Database database = open(folder.file());
  prepare_schema(database, std::span(kTwo).first(1));
  CHECK(database.integer("PRAGMA user_version") == 1);
  prepare_schema(database, kTwo);
  CHECK(database.integer("PRAGMA user_version") == 2);
  CHECK(database.integer("SELECT y FROM b") == 7);
  prepare_schema(database, kTwo);
  CHECK(database.integer("SELECT count(*) FROM b") == 1);
}

// What the first version measured was read with the checkpoint that made the page's tokens.
TEST_CASE("schema: a store of version 1 keeps its measurements, under their checkpoint") {
  TemporaryFolder folder;
  {
    const Database database = open(folder.file());
    prepare_schema(database, migrations().first(1));
    database.execute(
        "INSERT INTO scopes VALUES (1, 'u', 'a', 's');"
        "INSERT INTO messages VALUES (1, 1, 'user', 0, 'm', zeroblob(32), 5);"
        "INSERT INTO pages VALUES (7, 1, 1, 'trace', 106, x'', 5, 5, 1, 0, 0, 0);"
        "INSERT INTO page_spans VALUES (7, 0, 1, 0, 5);"
        "INSERT INTO page_fidelity VALUES (7, 'tiny', 0.75, 0.5, 0.25);"
        "INSERT INTO tokens VALUES (7, 16, 1, '" +
        kFingerprint + "', zeroblob(64), zeroblob(16));");
  }
  const Store store(folder.file());
  const ScopeId scope = store.find_scope({"u", "a", "s"}).value();
  CHECK(store.page(scope, 7).fidelity.at(Level::tiny).word_precision == 0.25);
  CHECK(store.fidelities(scope, kFingerprint).at(7).at(Level::tiny).accuracy == 0.75);
  CHECK(store.fidelities(scope, std::string(64, 'b')).empty());
  CHECK(store.anchors(scope, 7).empty());
  CHECK(store.verify().empty());
}

// Versions 1 and 2 knew no runs and no dates of expiry.
TEST_CASE("schema: a store without runs keeps all it had, in the default run") {
  for (std::size_t version = 1; version < 3; ++version) {
    CAPTURE(version);
    TemporaryFolder folder;
    {
      const Database database = open(folder.file());
      prepare_schema(database, migrations().first(version));
      database.execute(
          "INSERT INTO scopes (id, user, agent, session) VALUES (4, 'u', 'a', 's');"
          "INSERT INTO messages (id, scope, role, time, source_id, hash, bytes) "
          "  VALUES (1, 4, 'user', 20, 'm', zeroblob(32), 9);"
          "INSERT INTO verbatim (id, scope, message, message_begin, text) "
          "  VALUES (1, 4, 1, 5, x'72657374');"
          "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
          "  text_tokens, time, pinned) VALUES (7, 4, 1, 'trace', 106, x'', 5, 5, 1, 20, 1);"
          "INSERT INTO page_spans VALUES (7, 0, 1, 0, 5);"
          "INSERT INTO tokens VALUES (7, 16, 1, '" +
          kFingerprint + "', zeroblob(64), zeroblob(16));"
          "INSERT INTO embeddings VALUES (7, '" + kFingerprint + "', 1, x'0000803f');"
          "INSERT INTO history VALUES (1, 4, 7, 30, 'pin', NULL, NULL, '', 0, NULL);"
          "UPDATE store SET embedding_stamp = 1;");
    }
    Store store(folder.file());
    CHECK(store.scopes() == std::vector<Scope>{{"u", "a", "s", "default"}});
    const ScopeId scope = store.find_scope({"u", "a", "s"}).value();
    CHECK(store.page(scope, 7).pinned);
    CHECK(store.page(scope, 7).expires == 0);
    CHECK(store.tokens(scope, 7).count == 16);
    CHECK(store.verbatim(scope).text == "rest");
    CHECK(store.history(scope).at(0).event == HistoryEvent::pin);
    CHECK(store.search_vectors({"u", "a", "s"}, kFingerprint, std::vector<float>{1}, 5).size() == 1);
    CHECK(store.scope({"u", "a", "s", "second run"}) != scope);
    CHECK(store.verify().empty());
  }
}

TEST_CASE("schema: pages of a store of version 3 are pages of cells") {
  TemporaryFolder folder;
  {
    const Database database = open(folder.file());
    prepare_schema(database, migrations().first(3));
    database.execute(
        "INSERT INTO scopes VALUES (1, 'u', 'a', 's', 'default');"
        "INSERT INTO pages VALUES (7, 1, 1, 'tiny', 80, x'', 5, 5, 1, 0, 0, 0, 0);");
  }
  const Store store(folder.file());
  const StoredPage page = store.page(store.find_scope({"u", "a", "s"}).value(), 7);
  CHECK_FALSE(page.document);
  CHECK(page.density == Density::d80);
}

TEST_CASE("schema: messages, their order and what makes them the same come from each version before 5") {
  for (std::size_t version = 1; version < 5; ++version) {
    CAPTURE(version);
    TemporaryFolder folder;
    const NewMessage known{"user", "known text", 20, "m"}, nameless{"user", "nameless", 30, ""};
    {
      const Database database = open(folder.file());
      prepare_schema(database, migrations().first(version));
      database.execute(version < 3 ? "INSERT INTO scopes VALUES (4, 'u', 'a', 's')"
                                   : "INSERT INTO scopes VALUES (4, 'u', 'a', 's', 'default')");
      Statement message = database.prepare(
          version < 5 ? "INSERT INTO messages (id, scope, role, time, source_id, hash, bytes) "
                        "VALUES (?, 4, 'user', 20, ?, ?, ?)"
                      : "INSERT INTO messages (id, scope, role, time, source_id, hash, bytes, expires) "
                        "VALUES (?, 4, 'user', 20, nullif(?, ''), ?, ?, 0)");
      message.bind(8, "m", Blob(sha256(known.text)), known.text.size()).run();
      message.bind(9, "", Blob(sha256(nameless.text)), nameless.text.size()).run();
      Statement text = database.prepare(
          "INSERT INTO verbatim (scope, message, message_begin, text) VALUES (4, ?, ?, ?)");
      text.bind(8, 0, Blob(std::string_view("known "))).run();
      text.bind(8, 6, Blob(std::string_view("text"))).run();
      text.bind(9, 0, Blob(std::string_view("nameless"))).run();
    }
    Store store(folder.file());
    const ScopeId scope = store.find_scope({"u", "a", "s"}).value();
    CHECK(store.verbatim(scope).text == "known textnameless");
    CHECK(store.pieces(scope).size() == 2);
    CHECK(store.add_messages(scope, {&known, 1}) == 0);
    CHECK(store.add_messages(scope, {&nameless, 1}) == 1);
    CHECK(store.verbatim(scope).text == "known textnamelessnameless");
    CHECK(store.add_page(scope, make_page("known textname")));
    CHECK(store.page(scope, 1).tools);
    CHECK(!store.policy(scope));
    CHECK(store.verify().empty());
  }
}

TEST_CASE("schema: what an older version did not note of a page is not known") {
  TemporaryFolder folder;
  {
    const Database database = open(folder.file());
    prepare_schema(database, migrations().first(4));
    database.execute(
        "INSERT INTO scopes VALUES (1, 'u', 'a', 's', 'default');"
        "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
        "text_tokens, time) VALUES (7, 1, 1, 'tiny', 106, x'', 5, 5, 1, 20);");
  }
  const Store store(folder.file());
  CHECK(!store.page(store.find_scope({"u", "a", "s"}).value(), 7).tools);
}

// Version 6 reads words anew: "31mfailed" was one, "failed" was not. Version 7 cuts pieces.
TEST_CASE("schema: the pages of an older store are found by the words of today") {
  TemporaryFolder folder;
  const int kPages = 1250;
  const auto text = [](int page) { return "\x1b[31mfailed\x1b[0m in page" + std::to_string(page); };
  {
    const Database database = open(folder.file());
    prepare_schema(database, migrations().first(5));
    database.execute("INSERT INTO scopes VALUES (1, 'u', 'a', 's', 'default')");
    Statement message = database.prepare(
        "INSERT INTO messages (id, scope, role, time, hash, bytes, expires) "
        "VALUES (?, 1, 'user', 20, zeroblob(32), ?, 0)");
    Statement page = database.prepare(
        "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
        "text_tokens, time) VALUES (?1, 1, ?1, 'trace', 106, x'', ?2, ?2, 1, 20)");
    Statement span = database.prepare("INSERT INTO page_spans VALUES (?1, 0, ?1, 0, ?2)");
    Statement archive = database.prepare("INSERT INTO archive VALUES (?, ?, ?)");
    Transaction transaction(database, Transaction::Kind::write);
    for (int i = 1; i <= kPages; ++i) {
      message.bind(i, text(i).size()).run();
      page.bind(i, text(i).size()).run();
      span.bind(i, text(i).size()).run();
      archive.bind(i, Blob(sha256(text(i))), Blob(compress(text(i)))).run();
    }
    transaction.commit();
  }
  const auto found = [&](const char* query) {
    return Store(folder.file()).search_text(kScope, query, 2000).pages.size();
  };
  SUBCASE("at once") {}
  SUBCASE("where another process was killed in the middle of it") {
    const Database database = open(folder.file());
    prepare_schema(database);
    database.execute("CREATE TRIGGER kill AFTER INSERT ON pieces WHEN NEW.place = 700 "
                     "BEGIN SELECT RAISE (FAIL, 'killed'); END");
    CHECK(error_of([&] { cut_older_messages(database); }));
    CHECK(database.integer("SELECT uncut_message FROM store") == 501);
    database.execute("DROP TRIGGER kill");
  }
  CHECK(found("failed") == kPages);
  CHECK(found("31mfailed") == 0);
  CHECK(found("page1") == 1);
  CHECK(found("page1250") == 1);
  CHECK(open(folder.file()).integer("SELECT uncut_message IS NULL FROM store") == 1);
}

// Version 10 keeps fingerprints once and embeddings in 8 bits a value.
TEST_CASE("schema: tokens, embeddings and measurements stay what they were, damaged ones damaged") {
  TemporaryFolder folder;
  {
    const Database database = open(folder.file());
    prepare_schema(database, migrations().first(9));
    database.execute("INSERT INTO scopes VALUES (1, 'u', 'a', 's', 'default')");
    const std::string print = "'" + kFingerprint + "'";
    for (int i = 7; i <= 8; ++i) {
      const std::string page = std::to_string(i), place = std::to_string(i - 6);
      const std::string tokens = page + ", 16, 1, " + print + ", zeroblob(64), zeroblob(16)";
      const std::string embedding = page + ", " + print + ", 1, x'0000803f0000003f'";
      const std::string measured = page + ", " + print + ", 'trace', 0.75, 0.5, 0.25";
      const std::string off = i == 8 ? " + 1" : "";  // a wrong checksum
      database.execute(
          "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
          "  text_tokens, time, checksum) VALUES (" + page + ", 1, " + place +
          ", 'trace', 106, x'', 5, 5, 1, 20, 0);"
          "INSERT INTO tokens VALUES (" + tokens + ", fovea_checksum(" + tokens + ")" + off + ");"
          "INSERT INTO embeddings VALUES (" + embedding + ", fovea_checksum(" + embedding + "));"
          "INSERT INTO page_fidelity VALUES (" + measured + ", fovea_checksum(" + measured + "))");
    }
    database.execute("UPDATE store SET embedding_stamp = 1");
  }
  Store store(folder.file());
  const ScopeId scope = store.find_scope({"u", "a", "s"}).value();
  CHECK(store.tokens(scope, 7).fingerprint == kFingerprint);
  CHECK(store.tokens(scope, 7).scales.size() == 16);
  CHECK(error_of([&] { store.tokens(scope, 8); })->code() == ErrorCode::corruption);
  CHECK(store.page(scope, 7).fidelity.at(Level::trace).exact_rows == 0.5);
  const auto found = store.search_vectors({"u", "a", "s"}, kFingerprint, std::vector<float>{1, 0}, 5);
  REQUIRE(found.size() == 2);
  CHECK(found[0].score == doctest::Approx(1));
}

// Version 15 had read every page whole that it measured.
TEST_CASE("schema: older measurements have no error, and damaged ones stay damaged") {
  TemporaryFolder folder;
  {
    const Database database = open(folder.file());
    prepare_schema(database, migrations().first(15));
    database.execute(
        "INSERT INTO scopes (id, user, agent, session, run) VALUES (1, 'u', 'a', 's', 'r');"
        "INSERT INTO checkpoints VALUES (1, '" +
        kFingerprint + "')");
    for (const std::string page : {"7", "8"}) {
      const std::string measured = page + ", 1, 'trace', 0.75, 0.5, 0.25";
      const std::string off = page == "8" ? " + 1" : "";  // a wrong checksum
      database.execute(
          "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
          "  text_tokens, time, checksum) VALUES (" +
          page + ", 1, " + page +
          ", 'trace', 106, x'', 5, 5, 1, 20, 0);"
          "INSERT INTO page_fidelity VALUES (" +
          measured + ", fovea_checksum(" + measured + ")" + off + ")");
    }
  }
  const Store store(folder.file());
  const auto found = store.fidelities(store.find_scope({"u", "a", "s", "r"}).value(), kFingerprint);
  CHECK(found.at(7).at(Level::trace).accuracy == 0.75);
  CHECK(found.at(7).at(Level::trace).error == 0);
  const auto findings = store.verify();
  const auto tells = [&](const char* page) {
    return std::ranges::count_if(findings, [&](const std::string& finding) {
      return contains(finding, std::string("page ") + page + " has damaged measurements");
    });
  };
  CHECK(tells("7") == 0);
  CHECK(tells("8") == 1);
}

TEST_CASE("schema: a migration that fails leaves the store at the version before it") {
  TemporaryFolder folder;
  const Database database = open(folder.file());
  prepare_schema(database, std::span(kTwo).first(1));
  const std::vector<Migration> bad = {
      kTwo[0], {2, "CREATE TABLE b (y INTEGER); INSERT INTO nowhere VALUES (1)"}};
  CHECK(error_of([&] { prepare_schema(database, bad); }));
  CHECK(database.integer("PRAGMA user_version") == 1);
  CHECK(database.integer("SELECT count(*) FROM sqlite_master WHERE name = 'b'") == 0);
  CHECK(database.integer("SELECT x FROM a") == 7);
}

TEST_CASE("a store of a newer version is refused and stays as it is") {
  TemporaryFolder folder;
  { Store store(folder.file()); }
  open(folder.file()).execute("PRAGMA user_version = 99");
  const std::string before = bytes_of(folder.file());
  const auto error = error_of([&] { Store store(folder.file()); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::unsupported);
  CHECK(error->what() == "store " + folder.file() +
                             " has version 99; this Fovea knows versions up to " +
                             std::to_string(migrations().back().version) + "; update Fovea");
  CHECK(bytes_of(folder.file()) == before);
}

TEST_CASE("another program's database is refused and stays as it is") {
  TemporaryFolder folder;
  open(folder.file()).execute("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
  const std::string before = bytes_of(folder.file());
  const auto error = error_of([&] { Store store(folder.file()); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::invalid_argument);
  CHECK(contains(error->what(), "another program's SQLite database"));
  CHECK(bytes_of(folder.file()) == before);
  CHECK(!std::filesystem::exists(folder.file() + "-wal"));
}

TEST_CASE("a file that is no database is refused and stays as it is") {
  TemporaryFolder folder;
  const std::string text(5000, 'x');
  std::ofstream(folder.file()) << text;
  const auto error = error_of([&] { Store store(folder.file()); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::corruption);
  CHECK(contains(error->what(), "is not a Fovea store"));
  CHECK(bytes_of(folder.file()) == text);
}

TEST_CASE("a store needs a path to a file in a folder that exists") {
  TemporaryFolder folder;
  CHECK(error_of([&] { Store store(""); })->code() == ErrorCode::invalid_argument);
  CHECK(error_of([&] { Store store(folder.path.string()); })->code() ==
        ErrorCode::invalid_argument);
  const auto error = error_of([&] { Store store(folder.file("no/such/folder.db")); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::io);
  CHECK(contains(error->what(), "check that its folder exists"));
}

}  // namespace
