#include "memory/server_url.h"

#include <doctest/doctest.h>

#include <random>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

/// What libpq is given, in order.
std::string settings_of(const std::string& url) {
  std::string text;
  for (const auto& [name, value] : server_from_url(url).settings) text += name + "=" + value + ";";
  return text;
}

std::string refusal_of(const std::string& url) {
  CAPTURE(url);
  const auto error = error_of([&] { server_from_url(url); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::invalid_argument);
  return error->what();
}

TEST_CASE("server URL: its parts are given to libpq one by one, decoded") {
  CHECK(settings_of("postgresql://ann@db.example:5433/memory?sslmode=verify-full") ==
        "user=ann;host=db.example;port=5433;dbname=memory;sslmode=verify-full;");
  CHECK(settings_of("postgres://ann:a%2Fb%3f%40%23%25@host/memory") ==
        "user=ann;password=a/b?@#%;host=host;dbname=memory;");
  CHECK(settings_of("postgresql://ann:one:two@host/memory") ==
        "user=ann;password=one:two;host=host;dbname=memory;");
  CHECK(settings_of("postgresql:///memory?host=/run/postgresql&user=ann&ssl=true") ==
        "dbname=memory;host=/run/postgresql;user=ann;sslmode=require;");
  CHECK(settings_of("postgresql://%2Frun%2Fpostgresql/memory") ==
        "host=/run/postgresql;dbname=memory;");
  CHECK(settings_of("postgresql://[::1]:5432/memory") == "host=::1;port=5432;dbname=memory;");
  CHECK(settings_of("postgresql://one,two:5433/memory") ==
        "host=one,two;port=,5433;dbname=memory;");
  CHECK(settings_of("postgresql://host?dbname=a%3Db") == "host=host;dbname=a=b;");
  CHECK(settings_of("postgresql://?service=memory&passfile=/etc/fovea/pgpass") ==
        "service=memory;passfile=/etc/fovea/pgpass;");
}

TEST_CASE("server URL: what errors show has no password, and no setting that may be one") {
  CHECK(shown_store("postgresql://ann:secret@host:5433/memory?password=x&sslmode=require") ==
        "postgresql://ann@host:5433/memory?sslmode=require");
  CHECK(shown_store("postgresql://:secret@host/memory") == "postgresql://host/memory");
  CHECK(shown_store("postgresql:///m?host=/run&pass%77ord=secret&sslpassword=secret&user=ann") ==
        "postgresql:///m?host=/run&user=ann");
  CHECK(shown_store("postgresql:///m?host=/run&password=sec&ret=") == "postgresql:///m?host=/run");
  CHECK(shown_store("fovea.db") == "fovea.db");
  CHECK(shown_store("C:/fovea.db") == "C:/fovea.db");
}

TEST_CASE("server URL: one that names no server or no database is refused") {
  for (const char* url : {"postgresql://", "postgresql:///memory", "postgresql://?port=5433"})
    CHECK(contains(refusal_of(url), "names no server"));
  for (const char* url : {"postgres://localhost", "postgresql://ann:secret@localhost"})
    CHECK(contains(refusal_of(url), "names no database"));
}

TEST_CASE("server URL: one that is not well formed is refused without being shown") {
  const std::pair<const char*, const char*> cases[] = {
      {"postgresql://ann:sec/ret@host/db", "has a /, ? or @"},
      {"postgresql://ann:5432/ret@host/db", "has a /, ? or @"},
      {"postgresql://ann:sec?ret@host/db", "has a /, ? or @"},
      {"postgresql://ann:sec@ret@host/db", "has a /, ? or @"},
      {"postgresql://host/db?password=sec@ret", "has a /, ? or @"},
      {"postgresql://ann:sec#ret@host/db", "has a #"},
      {"postgresql://ann:sec%ret@host/db", "has a % that two hexadecimal digits"},
      {"postgresql://ann:sec%00ret@host/db", "has a % that two hexadecimal digits"},
      {"postgresql://host/db?password=secret%4", "has a % that two hexadecimal digits"},
      {"postgresql://ann:sec ret@host/db", "has a space"},
      {"postgresql://host:secret/db", "has a port"},
      {"postgresql://host:123456/db", "has a port"},
      {"postgresql://[::1/db", "has a ["},
      {"postgresql://[::1]secret/db", "has no :"},
      {"postgresql://host/db/secret", "has a / in the name"},
      {"postgresql://host/db?password=sec=ret", "that is not NAME=VALUE"},
      {"postgresql://host/db?password=sec&ret", "that is not NAME=VALUE"},
      {"mysql://ann:secret@host/db", "does not begin with postgresql://"},
      {"PostgreSQL://ann:secret@host/db", "does not begin with postgresql://"},
      {" postgresql://ann:secret@host/db", "does not begin with postgresql://"},
      {"postgresql:/ann:secret@host/db", "does not begin with postgresql://"},
      {"postgresql:ann:secret@host/db", "does not begin with postgresql://"}};
  for (const auto& [url, reason] : cases) {
    CHECK(is_server_url(url));
    const std::string said = refusal_of(url);
    CHECK_MESSAGE(contains(said, reason), said);
    CHECK_MESSAGE(!contains(said, "sec"), said);
    CHECK(!contains(said, "ret"));
  }
}

/// A URL of no server that is there, with a password of two halves in one of its places and signs
/// thrown in.
std::string odd_url(std::mt19937& random, const std::string& secret) {
  const auto one_of = [&](std::initializer_list<const char*> choices) {
    return std::string(choices.begin()[random() % choices.size()]);
  };
  std::string url = one_of({"postgresql://", "postgres://", "postgresql:/", "Postgres://"});
  if (random() % 2 == 0) url += one_of({"ann", ""}) + ":" + secret + "@";
  url += one_of({"", "", ":1", "[", ","}) + "/" + one_of({"db", "", "d%62", "a/b"});
  url += "?host=/tmp/no-such-folder";
  if (random() % 2 == 0)
    url +=
        one_of({"&", "&&", "?", ";"}) +
        one_of(
            {"password=", "pass%77ord=", "PASSWORD=", "sslpassword=", "passwort=", "pass%ord="}) +
        secret;
  if (random() % 3 == 0)
    url.insert(13 + random() % (url.size() - 13),
               one_of({"%", "@", "/", "?", "#", "&", "=", "\n"}));
  return url;
}

TEST_CASE("server URL: a setting that cannot be is no server that does not answer") {
  for (const std::string setting : {"?sslmode=bogus", "?connect_timeout=abc", "?service=nowhere"}) {
    CAPTURE(setting);
    const auto error = error_of([&] { Store store("postgresql://127.0.0.1:1/none" + setting); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK(contains(error->what(), "cannot be looked for"));
    CHECK(!contains(error->what(), "start the server"));
  }
}

TEST_CASE("server URL: no odd URL has its password in an error") {
  std::mt19937 random(1);
  int reached = 0;
  for (int i = 0; i < 600; ++i) {
    const char* const middles[] = {"",  "/", "?",   "%",  "@", "#", "&",
                                   ":", "=", "%2F", "\t", "[", "%4"};
    const std::string secret = "Hq7" + std::string(middles[random() % std::size(middles)]) + "Zx9";
    const std::string url = odd_url(random, secret);
    CAPTURE(url);
    REQUIRE(is_server_url(url));
    const auto error = error_of([&] { Store store(url); });
    REQUIRE(error);
    const std::string said = error->what();
    CHECK_MESSAGE(!contains(said, "Hq7"), said);
    CHECK_MESSAGE(!contains(said, "Zx9"), said);
    reached += contains(said, "does not answer") ? 1 : 0;
  }
  if (on_server()) CHECK(reached > 20);
}

}  // namespace
