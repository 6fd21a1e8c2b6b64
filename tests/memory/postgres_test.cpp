// What only a store on a PostgreSQL server does; tests/with_postgres.sh starts one. All other tests
// of the store run there, too.

#include <doctest/doctest.h>

#include "memory/checksum.h"
#include "memory/postgres_schema.h"
#include "memory/postgres_sql.h"
#include "tests/memory/postgres_fixture.h"
#include "tests/threads.h"

namespace {

using namespace fovea;
using namespace fovea::test;

/// Every table that has rows of scopes.
std::vector<std::string> tables_of_users() {
  std::vector<std::string> names = {"scopes", "piece_words"};
  for (const CheckedTable& table : checked_tables()) {
    if (table.name != "store" && table.name != "piece_blocks") names.emplace_back(table.name);
  }
  return names;
}

TEST_CASE("postgres: a query that forgets its WHERE shows nothing of another user" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const Database database = both.database();
  for (const std::string& table : tables_of_users()) {
    CAPTURE(table);
    const std::string count = "SELECT count(*) FROM " + table;
    database.engine().serve({});
    const std::int64_t all = database.integer(count);
    database.engine().serve("ann");
    const std::int64_t of_ann = database.integer(count);
    database.engine().serve("bob");
    CHECK(database.integer(count) == of_ann);  // both have the same
    CHECK(of_ann > 0);
    CHECK(all == 2 * of_ann);
    database.engine().serve("");
    CHECK(database.integer(count) == 0);
  }
}

TEST_CASE("postgres: nor does it change or remove anything of another user" *
          doctest::skip(!on_server())) {
  TwoUsers both;
  const Database database = both.database();
  database.engine().serve("ann");
  database.execute("UPDATE messages SET role = 'changed'; DELETE FROM piece_words");
  CHECK(error_of([&] {
          database.execute(
              "INSERT INTO policies (scope, json) SELECT max(id) + 1, '{}' FROM scopes");
        }).has_value());
  const ScopeId bob = both.store.find_scope(kBob).value();
  CHECK(both.store.list_messages(kBob).at(0).role == "user");
  CHECK(both.store.search_text(kBob, "heron", 5).pages.size() == 1);
  CHECK(both.store.search_text(kAnn, "heron", 5).pages.empty());
  CHECK(both.store.policy(bob) == "{}");
}

TEST_CASE("postgres: a session that has said for nobody sees and stores nothing" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const Database database = both.database();
  CHECK(database.integer("SELECT count(*) FROM messages") == 0);
  CHECK(error_of([&] {
    database.execute(
        "INSERT INTO scopes (\"user\", agent, session, run) VALUES ('eve', 'a', 's', 'r')");
  }));
}

TEST_CASE("postgres: a setting that was reset is nobody's, even where a user has no name" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const Database database = both.database();
  database.engine().serve({});
  database.execute("ALTER TABLE scopes DROP CONSTRAINT scopes_check");
  database.execute("INSERT INTO scopes (\"user\", agent, session, run) VALUES ('', 'a', 's', 'r')");
  const Database other = both.database();
  other.execute("BEGIN; SET LOCAL fovea.\"user\" = '=ann'; COMMIT");
  CHECK(other.integer("SELECT CAST(current_setting('fovea.user') = '' AS integer)") == 1);
  CHECK(other.integer("SELECT count(*) FROM scopes") == 0);
  other.execute("SET fovea.\"user\" = 'ann'");  // without the sign that names a user
  CHECK(other.integer("SELECT count(*) FROM scopes") == 0);
  other.execute("SET fovea.\"user\" = '=ann'");
  CHECK(other.integer("SELECT count(*) FROM scopes") == 1);
  other.engine().serve("");
  CHECK(other.integer("SELECT count(*) FROM scopes WHERE \"user\" <> ''") == 0);
}

TEST_CASE("postgres: names that are not UTF-8 are an error that says so" *
          doctest::skip(!on_server())) {
  TwoUsers both;
  const auto refused = [&](const auto& call) {
    const auto error = error_of(call);
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK_MESSAGE(contains(error->what(), "must be UTF-8 without zero bytes"), error->what());
  };
  refused([&] { both.store.scope({"caf\xe9", "a", "s"}); });
  refused([&] { both.store.scope({"ann", "caf\xe9", "s"}); });
  refused([&] { both.store.find_scope({"ann", std::string("a\0b", 3), "s"}); });
  const NewMessage message{"caf\xe9", "a text", 9, "m9"};
  refused([&] { both.store.add_messages(both.store.find_scope(kAnn).value(), {&message, 1}); });
  CHECK(both.store.verify().empty());
}

TEST_CASE("postgres: writers of different scopes do not wait for each other" *
          doctest::skip(!on_server())) {
  TwoUsers both;
  const ScopeId ann = both.store.find_scope(kAnn).value();
  const Database other = both.database();
  other.engine().serve("ann");
  {
    const Transaction writes(other, Transaction::Kind::write, ann);
    StoreOptions options;
    options.patience_ms = 200;
    Store store(both.folder.file(), options);
    const NewMessage message{"user", "while Ann is being written", 9, "m9"};
    CHECK(store.add_messages(store.scope(kBob), {&message, 1}) == 1);
    const auto error = error_of([&] { store.add_messages(ann, {&message, 1}); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::io);
    CHECK(contains(error->what(), "is locked by another process"));
  }
  CHECK_NOTHROW(both.store.set_policy(ann, "{ }"));
}

TEST_CASE("postgres: a receipt says when the bytes go, and cleaning does it" *
          doctest::skip(!on_server())) {
  TwoUsers both;
  const ScopeId ann = both.store.find_scope(kAnn).value();
  const EraseReceipt receipt = both.store.erase_scope(ann, 10);
  CHECK(!receipt.bytes_gone);
  CHECK(contains(receipt.receipt, "vacuum"));
  CHECK(contains(receipt.receipt, "WAL"));
  CHECK(both.store.list_messages(kAnn).empty());
  CHECK(both.store.clean());
  CHECK(both.store.list_messages(kBob).size() == 2);
  CHECK(both.store.verify().empty());
}

TEST_CASE("postgres: the same question has the same ranking as in a file" *
          doctest::skip(!on_server())) {
  const TemporaryFolder folder;
  Store server(folder.file()), file(folder.file("beside.db"));
  const std::vector<std::string> texts = {
      "Caroline: we parseHttpHeader and parse_http_header twice, parse parse",
      "The herons were migrating; migration, migrated, migrates. heron",
      "configuration of the configurable configurator\nnew line C:\\new caf\u00e9",
      "\u6771\u4eac\u306e\u5929\u6c17 and the weather in Tokyo, weather weather",
      "a bug in src/net/level.cpp: the harbour's tide table is wrong, wind north",
      "a form has <input id=\"ButtonE\"> and a button; buttonE, button e, buttons",
      "\u044d\u0442\u043e \u0442\u0438\u043f \u0434\u043b\u044f \u0445\u043b\u043e\u043f\u043a\u0430"};
  for (Store* store : {&server, &file}) {
    const ScopeId scope = store->scope(kAnn), other = store->scope(kBob);
    for (const std::string& text : texts) add_text(*store, scope, text);
    add_text(*store, other, "a heron of Bob's, parse and tide");
    const NewMessage waiting{"user", "a heron that waits for its page", 0, ""};
    store->add_messages(scope, {&waiting, 1});
  }
  for (const char* query : {"parse header",
                            "heron migration",
                            "\"http header\"",
                            "config*",
                            "configura*",
                            "new",
                            "\u6771\u4eac",
                            "weather tokyo tide",
                            "src/net/level.cpp",
                            "\"tide table\" wind",
                            "parseHttpHeader",
                            "button",
                            "buttonE",
                            "\"button e\"",
                            "butto*",
                            "pars*",
                            "parsehttp*",
                            "\"http hea*\"",
                            "\"a butto*\"",
                            "caf\u00e9",
                            "\"the harb*\"",
                            "\u0442\u0438\u043f*",
                            "\"\u0434\u043b\u044f \u0445\u043b\u043e\u043f*\"",
                            "nothing of it"}) {
    CAPTURE(std::string(query));
    const auto here = server.search_text(kAnn, query, 10),
               there = file.search_text(kAnn, query, 10);
    REQUIRE(here.pages.size() == there.pages.size());
    CHECK(here.verbatim == there.verbatim);
    CHECK(here.by_phrase == there.by_phrase);
    for (std::size_t i = 0; i < here.pages.size(); ++i) {
      CHECK(here.pages[i].id == there.pages[i].id);
      CHECK(here.pages[i].score == there.pages[i].score);
      CHECK(here.pages[i].bm25 == there.pages[i].bm25);
    }
  }
  CHECK(server.verify().empty());
}

TEST_CASE("postgres: the index of words answers under row-level security" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const Database database = both.database();
  database.engine().serve("ann");
  database.execute("SET enable_seqscan = off; SET enable_indexscan = off");
  Statement row = database.prepare(
      "EXPLAIN SELECT piece FROM piece_words WHERE words @> ARRAY[CAST('heron' AS text)]");
  std::string plan;
  while (row.step()) plan += row.text(0) + "\n";
  CHECK_MESSAGE(contains(plan, "piece_words_words"), plan);
}

TEST_CASE("postgres: another program's database is refused and not touched" *
          doctest::skip(!on_server())) {
  const ServerDatabase theirs;
  {
    const Database database(theirs.url, "theirs", 500);
    database.execute("CREATE TABLE public.notes (id int)");
  }
  const auto error = error_of([&] { Store store(theirs.url); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::invalid_argument);
  CHECK(contains(error->what(), "another program's database (it has the table public.notes)"));
  const Database database(theirs.url, "theirs", 500);
  CHECK(database.integer("SELECT count(*) FROM pg_namespace WHERE nspname = 'fovea'") == 0);
  // Who runs it may make room for Fovea beside the other program.
  database.execute("CREATE SCHEMA fovea");
  CHECK_NOTHROW(Store(theirs.url).scope(kAnn));
}

TEST_CASE("postgres: a store of a newer version is refused and not touched" *
          doctest::skip(!on_server())) {
  TwoUsers both;
  both.database().execute("INSERT INTO migrations (version) VALUES (99)");
  const auto error = error_of([&] { Store store(both.folder.file()); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::unsupported);
  CHECK(contains(error->what(), "has version 99"));
  CHECK(both.store.list_messages(kAnn).size() == 2);
}

TEST_CASE("postgres: migrations are made one by one, each once" * doctest::skip(!on_server())) {
  const ServerDatabase empty;
  const Database database(empty.url, "empty", 500);
  std::vector<Migration> steps(postgres_migrations().begin(), postgres_migrations().end());
  prepare_postgres_schema(database, steps);
  prepare_postgres_schema(database, steps);
  steps.push_back({steps.back().version + 1, "CREATE TABLE later (id int); SELECT no_function()"});
  CHECK(error_of([&] { prepare_postgres_schema(database, steps); }));
  CHECK(database.integer("SELECT max(version) FROM migrations") == steps.back().version - 1);
  steps.back().sql = "CREATE TABLE later (id int)";
  prepare_postgres_schema(database, steps);
  CHECK(database.integer("SELECT count(*) FROM later") == 0);
}

// Who looked while the tables were made took them for another program's.
TEST_CASE("postgres: while one process makes the store, it is not there yet for others" *
          doctest::skip(!on_server())) {
  const ServerDatabase empty;
  const auto is_there = [&] {
    try {
      return Store(empty.url, {.access = Access::read}).list_scopes().size() == 1;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
      return false;
    }
  };
  on_threads(8, [&](int i) {
    if (i == 0) Store(empty.url).scope(kAnn);
    while (!is_there()) {
    }
  });
}

TEST_CASE("postgres: a wrong password, no server and a key are errors that say so" *
          doctest::skip(!on_server())) {
  const ServerDatabase database;
  const auto told = [&](const std::string& url, const StoreOptions& options = {}) {
    const auto error = error_of([&] { Store store(url, options); });
    REQUIRE(error);
    return *error;
  };
  const Error wrong = told(database.url_of("locked") + "&password=wrong");
  CHECK(wrong.code() == ErrorCode::invalid_argument);
  CHECK(contains(wrong.what(), "password authentication failed"));
  CHECK(!contains(wrong.what(), "password=wrong"));
  CHECK(told(database.url_of("nobody_there")).code() == ErrorCode::invalid_argument);
  // Let in, but with no right to make tables.
  CHECK(told(database.url_of("locked") + "&password=right").code() == ErrorCode::invalid_argument);
  CHECK(told("postgresql:///x?host=/tmp/no-such-folder").code() == ErrorCode::io);
  StoreOptions with_key;
  with_key.key.emplace();
  CHECK(told(database.url, with_key).code() == ErrorCode::invalid_argument);
}

TEST_CASE("postgres: parameters are numbered as SQLite numbers them") {
  std::size_t count = 0;
  CHECK(with_dollars("a = ? AND b = '?' AND \"c?\" = ?", count) ==
        "a = $1 AND b = '?' AND \"c?\" = $2");
  CHECK(count == 2);
  CHECK(with_dollars("?2 + ?1 + ?", count) == "$2 + $1 + $3");
  CHECK(count == 3);
}

}  // namespace
