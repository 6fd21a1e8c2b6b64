#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "memory/full_text.h"
#include "memory/piece_query.h"
#include "memory/stems.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

struct Notes {
  TemporaryFolder folder;
  Store store{folder.file()};
  ScopeId scope = store.scope(kScope);
  PageId locked = add("the database is locked by another process", "tool");
  PageId apart = add("a locked door, and a database behind it", "user");
  PageId configured = add("the configuration of the relay was migrated", "user");

  PageId add(const std::string& text, const std::string& role) {
    const NewMessage message{role, text, 0, ""};
    store.add_messages(scope, {&message, 1});
    return store.add_page(scope, make_page(text)).value();
  }
  std::vector<PageId> find(const std::string& query, const std::vector<std::string>& where = {}) {
    std::vector<Condition> conditions;
    for (const std::string& text : where) conditions.push_back(condition_from_text(text));
    std::vector<PageId> pages;
    for (const PageScore& page : store.search_text(kScope, query, 10, conditions).pages)
      pages.push_back(page.id);
    std::ranges::sort(pages);
    return pages;
  }
  using Pages = std::vector<PageId>;
};

std::vector<std::string> phrases_of(const std::string& question) {
  std::vector<std::string> found;
  for (const QueryTerm& phrase : piece_query(question, {}).phrases) found.push_back(phrase.match);
  return found;
}

}  // namespace

TEST_CASE("phrases: words in quotes are found as they stand there, and only so") {
  Notes notes;
  CHECK(notes.find("database is locked") == Notes::Pages{notes.locked, notes.apart});
  CHECK(notes.find("\"database is locked\"") == Notes::Pages{notes.locked});
  CHECK(notes.find("“database is locked” door") == Notes::Pages{notes.locked});
  CHECK(notes.find("\"locked\"") == Notes::Pages{notes.locked, notes.apart});
  CHECK(notes.find("\"locked\" \"another process\"") == Notes::Pages{notes.locked});
  CHECK(notes.store.search_text(kScope, "\"database is locked\"", 5).by_phrase);
}

TEST_CASE("phrases: where none is found, its words are looked for, and that is said") {
  Notes notes;
  CHECK(notes.find("\"locked database\"") == Notes::Pages{notes.locked, notes.apart});
  CHECK(!notes.store.search_text(kScope, "\"locked database\"", 5).by_phrase);
  CHECK(notes.find("\"door\" \"another process\"") == Notes::Pages{notes.locked, notes.apart});
}

TEST_CASE("phrases: quotes that do not close, and those around nothing, are no phrases") {
  CHECK(phrases_of("a \"database is locked").empty());
  CHECK(phrases_of("\"\" \" \" \"!?\"").empty());
  CHECK(phrases_of("5\" disk, 3\" disk") == std::vector<std::string>{"\"disk 3\""});
  CHECK(phrases_of("\"parseHeader fails\"") == std::vector<std::string>{"\"parse header fails\""});
  CHECK(phrases_of("\"数据库\"") == std::vector<std::string>{"\"数 据 库\""});
  CHECK(phrases_of("\"database is lock*\"") == std::vector<std::string>{"\"database is lock\" *"});
}

TEST_CASE("phrases: pieces that have them come first, and answer alone") {
  Notes notes;
  std::size_t answering = 0;
  const auto order = notes.store.order_pieces(notes.scope, "\"locked by another\" door", &answering);
  CHECK(answering == 1);
  REQUIRE(order.size() == 3);
  CHECK(notes.store.read_pieces(notes.scope, {order.data(), 1}).front().page == notes.locked);
}

TEST_CASE("phrases: text that fills no page yet has them, too") {
  Notes notes;
  const NewMessage message{"user", "the lamp is out again", 0, ""};
  notes.store.add_messages(notes.scope, {&message, 1});
  const auto hits = notes.store.search_text(kScope, "\"lamp is out\" database", 5);
  CHECK(hits.verbatim != 0);
  CHECK(hits.pages.empty());
}

TEST_CASE("prefixes: a star behind a word stands for the rest of it") {
  Notes notes;
  CHECK(notes.find("migr*") == Notes::Pages{notes.configured});
  CHECK(notes.find("config*") == Notes::Pages{notes.configured});
  CHECK(notes.find("configura*") == Notes::Pages{notes.configured});  // beyond its stem
  CHECK(notes.find("loc*, proc*") == Notes::Pages{notes.locked, notes.apart});
  CHECK(notes.find("zeb*").empty());
  for (const char* none : {"*", "* lock", "d*", "**door**", "foo*bar", "*.cpp"})
    CHECK_MESSAGE(piece_query(none, {}).terms.size() <= 2, none);
  CHECK(!piece_query("foo*bar", {}).terms.front().is_prefix);
}

TEST_CASE("prefixes: stems shorter than what was typed are those of words that go on so") {
  const Database database(std::string(Database::kInMemory), "(in memory)", 0);
  add_full_text(database);  // with the tokenizer
  const Stems stems(database);
  CHECK(stems.of_beginning("configura") == std::vector<std::string>{"configur"});
  CHECK(stems.of_beginning("runni") == std::vector<std::string>{"run"});
  CHECK(stems.of_beginning("boat").empty());
  CHECK(stems.of_terms("boats were migrated") == std::vector<std::string>{"boat", "were", "migrat"});
}

TEST_CASE("conditions on messages hold for the pieces that are found") {
  Notes notes;
  CHECK(notes.find("locked", {"role = tool"}) == Notes::Pages{notes.locked});
  CHECK(notes.find("locked", {"role = user"}) == Notes::Pages{notes.apart});
  const NewMessage both[] = {{"user", "what is the tide ", 0, ""}, {"tool", "wind north, four", 0, ""}};
  notes.store.add_messages(notes.scope, both);
  const PageId page = notes.store.add_page(notes.scope, make_page("what is the tide wind north, four")).value();
  CHECK(notes.find("tide", {"role = user"}) == Notes::Pages{page});
  CHECK(notes.find("tide", {"role = tool"}).empty());
  CHECK(notes.find("wind", {"role = tool"}) == Notes::Pages{page});
}

TEST_CASE("conditions on messages hold for text that fills no page yet, of its scope and others") {
  Notes notes;
  const NewMessage loose[] = {{"user", "a heron", 0, ""}, {"tool", "another heron", 0, ""}};
  const ScopeId other = notes.store.scope({"u", "a", "other"});
  notes.store.add_messages(other, loose);
  const auto piece_of = [&](const std::vector<Condition>& where) {
    const auto hits = notes.store.search_text(kScope, "heron", 5, where);
    if (hits.verbatim == 0) return std::string();
    return notes.store.read_pieces(hits.verbatim_scope, {&hits.verbatim, 1}).front().text.value();
  };
  const Condition elsewhere = condition_from_text("session = other");
  CHECK(piece_of({elsewhere, condition_from_text("role = tool")}) == "another heron");
  CHECK(piece_of({elsewhere, condition_from_text("role = user")}) == "a heron");
  CHECK(piece_of({elsewhere, condition_from_text("role = system")}).empty());
  CHECK(piece_of({elsewhere, condition_from_text("level = tiny")}).empty());
  CHECK(piece_of({}).empty());
  const NewMessage own{"tool", "my heron", 0, ""};
  notes.store.add_messages(notes.scope, {&own, 1});
  CHECK(piece_of({condition_from_text("role = tool")}) == "my heron");
  CHECK(piece_of({condition_from_text("role = user")}).empty());
}

TEST_CASE("queries: nothing that can be typed is an error of the full-text search") {
  Notes notes;
  std::mt19937 random(7);
  const std::vector<std::string> parts = {"\"", "*", "“", "”", "„", " ", "NEAR(", ")", "AND", "OR", "NOT", "^",
                                          ":", "-", "+", "{", "}", "locked", "data", "'", "\\", ";", "--", "é",
                                          "数据", "\xff", "\n", ",", "a", "\x01", "%", "_", "text:", "hits("};
  for (int round = 0; round < 3000; ++round) {
    std::string query;
    for (std::size_t left = random() % 9; left > 0; --left) query += parts[random() % parts.size()];
    CHECK_NOTHROW_MESSAGE(notes.store.search_text(kScope, query, 3), query);
    if (round % 10 == 0) CHECK_NOTHROW_MESSAGE(notes.store.order_pieces(notes.scope, query), query);
  }
}
