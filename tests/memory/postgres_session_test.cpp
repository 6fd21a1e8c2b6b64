// How a session on a PostgreSQL server sends statements, and what becomes of them when it is lost.

#include <doctest/doctest.h>

#include <numeric>

#include "memory/ask_each.h"
#include "tests/memory/postgres_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

/// Of the store's database, but for the one that ends them.
void end_sessions(const TwoUsers& both) {
  both.database().execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

TEST_CASE("postgres: a session that is lost between calls is begun anew for the same user" *
          doctest::skip(!on_server())) {
  TwoUsers both;
  const ScopeId ann = both.store.find_scope(kAnn).value();
  const NewMessage message{"user", "a new one", 9, "m9"};
  const auto add = [&] { return both.store.add_messages(ann, {&message, 1}); };
  end_sessions(both);
  CHECK(add() == 1);
  CHECK(add() == 0);
  end_sessions(both);
  CHECK(both.store.search_text(kAnn, "heron", 5).pages.size() == 1);
  const Database database = both.database();
  database.engine().serve("ann");
  const std::int64_t messages = database.integer("SELECT count(*) FROM messages");
  end_sessions(both);
  CHECK(database.integer("SELECT count(*) FROM messages") == messages);
  CHECK(both.store.verify().empty());
}

TEST_CASE("postgres: one that is lost in a transaction is an error, and the same again completes" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const ScopeId ann = both.store.find_scope(kAnn).value();
  const Database database = both.database();
  database.engine().serve("ann");
  const auto change = [&](bool lose_before_commit, bool lose_meanwhile) {
    Transaction writes(database, Transaction::Kind::write, ann);
    if (lose_meanwhile) end_sessions(both);
    database.execute("UPDATE messages SET role = 'changed'");
    if (lose_before_commit) end_sessions(both);
    writes.commit();
  };
  for (const bool meanwhile : {true, false}) {
    const auto error = error_of([&] { change(!meanwhile, meanwhile); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::io);
    CHECK(contains(error->what(), "call again"));
    CHECK(database.integer("SELECT count(*) FROM messages WHERE role = 'changed'") == 0);
  }
  change(false, false);
  CHECK(database.integer("SELECT count(*) FROM messages WHERE role <> 'changed'") == 0);
}

TEST_CASE("postgres: one that is lost before anything was read in a transaction is begun anew" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const Database database = both.database();
  database.engine().serve("ann");
  const std::int64_t messages = database.integer("SELECT count(*) FROM messages");
  const Transaction reads(database, Transaction::Kind::read);
  Statement first = database.prepare("SELECT count(*) FROM messages");
  first.send();
  end_sessions(both);
  CHECK(database.integer("SELECT count(*) FROM pages") == 1);
  REQUIRE(first.step());
  CHECK(first.integer(0) == messages);
  end_sessions(both);
  const auto error = error_of([&] { database.integer("SELECT count(*) FROM messages"); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::io);
}

// Statements whose rows nobody reads wait for the next answer, or for the commit.
TEST_CASE("postgres: what is wrong with a write is said at the commit, and nothing is stored" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const ScopeId ann = both.store.find_scope(kAnn).value();
  const Database database = both.database();
  database.engine().serve("ann");
  const auto rename = [&](std::string_view role) {
    database.prepare("UPDATE messages SET role = ?").bind(role).run();
  };
  {
    Transaction writes(database, Transaction::Kind::write, ann);
    rename("before");
    database.prepare("UPDATE pages SET bytes = ?").bind(-1).run();
    rename("behind");
    const auto error = error_of([&] { writes.commit(); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK_MESSAGE(contains(error->what(), "pages_bytes_check"), error->what());
  }
  CHECK(database.integer("SELECT count(*) FROM messages WHERE role <> 'user'") == 0);
  {
    const Transaction writes(database, Transaction::Kind::write, ann);
    rename("never committed");
    database.prepare("UPDATE pages SET bytes = ?").bind(-1).run();
  }
  // Nobody asked what became of it.
  CHECK(database.integer("SELECT count(*) FROM messages WHERE role <> 'user'") == 0);
  Transaction writes(database, Transaction::Kind::write, ann);
  rename("changed");
  CHECK(database.changes() == database.integer("SELECT count(*) FROM messages"));
  writes.commit();
  CHECK(both.store.list_messages(kAnn).at(0).role == "changed");
  CHECK(both.store.list_messages(kBob).at(0).role == "user");
}

TEST_CASE("postgres: statements that are on their way together have each its own answer" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const Database database = both.database();
  database.engine().serve("ann");
  std::vector<std::int64_t> numbers(1000), found;
  std::iota(numbers.begin(), numbers.end(), 1);
  const auto ask = [&](const char* sql) {
    found.clear();
    ask_each(
        database, sql, numbers, [](Statement& row, std::int64_t number) { row.bind(number); },
        [&](Statement& row, std::int64_t) {
          while (row.step()) found.push_back(row.integer(0));
        });
  };
  ask("SELECT CAST(? AS bigint)");
  CHECK(found == numbers);
  // One of them is wrong: none before it is lost, and the session goes on.
  const auto error = error_of([&] { ask("SELECT 1 / (CAST(? AS bigint) - 700)"); });
  REQUIRE(error);
  CHECK(contains(error->what(), "division by zero"));
  CHECK(found.size() < numbers.size());
  ask("SELECT CAST(? AS bigint)");
  CHECK(found == numbers);
}

TEST_CASE("postgres: while the server refuses a user's name, nobody else's rows are shown" *
          doctest::skip(!on_server())) {
  const TwoUsers both;
  const Database database = both.database();
  database.engine().serve("ann");
  CHECK(database.integer("SELECT count(*) FROM messages") > 0);
  database.engine().serve("caf\xe9");
  for (int i = 0; i < 2; ++i) {
    CHECK(error_of([&] { database.integer("SELECT count(*) FROM messages"); }));
    CHECK(error_of([&] { database.execute("UPDATE messages SET role = 'changed'"); }));
  }
  database.engine().serve("bob");
  CHECK(database.integer("SELECT count(*) FROM messages WHERE role <> 'user'") == 0);
  database.engine().serve("ann");
  CHECK(database.integer("SELECT count(*) FROM messages WHERE role <> 'user'") == 0);
}

}  // namespace
