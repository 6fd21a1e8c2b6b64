// Conditions as people type them.
#include <doctest/doctest.h>

#include "fovea/error.h"
#include "fovea/search.h"
#include "tests/memory/store_fixture.h"

using namespace fovea;
using namespace fovea::test;

namespace {

void check(std::string_view text, Field field, Comparison comparison,
           const std::vector<std::string>& values) {
  CAPTURE(text);
  const Condition condition = condition_from_text(text);
  CHECK(condition.field == field);
  CHECK(condition.comparison == comparison);
  CHECK(condition.values == values);
}

/// The sources of the messages that meet a condition, of a store with a message a source and role.
std::string sources(const std::string& where) {
  static const TemporaryFolder folder;
  static Store store = [] {
    Store made(folder.file());
    const ScopeId scope = made.scope(kScope);
    const std::vector<NewMessage> messages = {{"user", "one", 1'000, "a.jsonl"},
                                              {"assistant", "two", 2'000, "b.jsonl"},
                                              {"tool", "three", 1'778'842'422, "notes.txt"},
                                              {"user, they say", "four", 0, "a,b"}};
    made.add_messages(scope, messages);
    return made;
  }();
  const Condition condition = condition_from_text(where);
  std::string all;
  for (const auto& message : store.list_messages(kScope, {&condition, 1}, 100))
    all += message.source_id + " ";
  return all;
}

}  // namespace

TEST_CASE("conditions: field, operator and value, with or without blanks") {
  check("role = user", Field::role, Comparison::equal, {"user"});
  check("role=user", Field::role, Comparison::equal, {"user"});
  check("  role\t!=  user ", Field::role, Comparison::not_equal, {"user"});
  check("time<2026-05-15", Field::time, Comparison::less, {"2026-05-15"});
  check("time <=5", Field::time, Comparison::at_most, {"5"});
  check("time>= 5", Field::time, Comparison::at_least, {"5"});
  check("time > 5", Field::time, Comparison::greater, {"5"});
  check("source ~ *.jsonl", Field::source, Comparison::like, {"*.jsonl"});
  check("session = a = b", Field::session, Comparison::equal, {"a = b"});
  check("agent == x", Field::agent, Comparison::equal, {"= x"});
}

TEST_CASE("conditions: a list is parted by commas") {
  check("level in small, tiny", Field::level, Comparison::one_of, {"small", "tiny"});
  check("level in small,tiny ,faint", Field::level, Comparison::one_of, {"small", "tiny", "faint"});
  check("run not in a b", Field::run, Comparison::none_of, {"a b"});
  check("role in user", Field::role, Comparison::one_of, {"user"});
}

TEST_CASE("conditions: what is none is refused with an example and all that there is") {
  for (const std::string text : {"", " ", "role", "role =", "role = ", "mood = good", "Role = user",
                                 "role is user", "= user", "role in", "role in ", "role notin user",
                                 "rolein user", "role user", "role ! user"}) {
    CAPTURE(text);
    const auto error = error_of([&] { condition_from_text(text); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK(contains(error->what(), "condition \"" + text + "\": expected FIELD OPERATOR VALUE"));
    CHECK(contains(error->what(), "agent, session, run, role, source, time, level"));
  }
}

TEST_CASE("conditions: they select the messages that they say") {
  CHECK(sources("role = user") == "a.jsonl ");
  CHECK(sources("role != user") == "b.jsonl notes.txt a,b ");
  CHECK(sources("role in user, tool") == "a.jsonl notes.txt ");
  CHECK(sources("role not in user, tool") == "b.jsonl a,b ");
  CHECK(sources("source ~ *.jsonl") == "a.jsonl b.jsonl ");
  CHECK(sources("source ~ ?.jsonl") == "a.jsonl b.jsonl ");
  CHECK(sources("source ~ *") == "a.jsonl b.jsonl notes.txt a,b ");
  CHECK(sources("source ~ [ab].jsonl") == "a.jsonl b.jsonl ");
  CHECK(sources("role ~ user*") == "a.jsonl a,b ");
  CHECK(sources("source = a,b") == "a,b ");
}

TEST_CASE("conditions: times are seconds or dates, a bound is met or not to the second") {
  CHECK(sources("time = 1000") == "a.jsonl ");
  CHECK(sources("time > 1000") == "b.jsonl notes.txt ");
  CHECK(sources("time >= 1000") == "a.jsonl b.jsonl notes.txt ");
  CHECK(sources("time >= 2026-05-15T10:53:42Z") == "notes.txt ");
  CHECK(sources("time > 2026-05-15T10:53:42Z") == "");
  CHECK(sources("time < 2026-05-15") == "a.jsonl b.jsonl a,b ");
  CHECK(sources("time in 1000, 2000") == "a.jsonl b.jsonl ");
  for (const std::string when : {"now", "2026-13-01", "yesterday", "-5", "1e3", "12:00",
                                 "2026-05-15 nonsense", "99999999999999999999"}) {
    CAPTURE(when);
    const auto error = error_of([&] { sources("time > " + when); });
    REQUIRE(error);
    CHECK(contains(error->what(), "condition on time: \"" + when + "\" is not a time"));
  }
}
