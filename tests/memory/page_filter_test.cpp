#include <doctest/doctest.h>

#include <algorithm>

#include "memory/ranking.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

/// Ann's two sessions and Bob's, each page with the word "boat".
struct Library {
  TemporaryFolder folder;
  Store store{folder.file()};
  Scope monday{"ann", "coder", "monday"};
  PageId asked = add(monday, "user", "where is the boat", "a.jsonl", 100);
  PageId told = add(monday, "assistant", "the boat is in the harbour", "a.jsonl", 200, Level::small);
  PageId tuesday = add({"ann", "coder", "tuesday", "run2"}, "user", "the boat again", "b.txt", 300);
  PageId bobs = add({"bob", "coder", "monday"}, "user", "my boat", "a.jsonl", 100);

  PageId add(const Scope& scope, const std::string& role, const std::string& text,
             const std::string& source, Time time, Level level = Level::tiny) {
    const ScopeId id = store.scope(scope);
    const NewMessage message{role, text, time, source};
    store.add_messages(id, {&message, 1});
    NewPage page = make_page(text, 1, level);
    page.embedding = {1, static_cast<float>(time) / 1000};
    return store.add_page(id, page).value();
  }

  std::vector<PageId> find(const std::vector<std::string>& where) {
    std::vector<Condition> conditions;
    for (const std::string& text : where) conditions.push_back(condition_from_text(text));
    std::vector<PageId> words, vectors;
    for (const auto& hit : store.search_text(monday, "boat", 10, conditions).pages)
      words.push_back(hit.id);
    for (const auto& hit :
         store.search_vectors(monday, kFingerprint, std::vector<float>{1, 0}, 10, conditions))
      vectors.push_back(hit.id);
    std::ranges::sort(words);
    std::ranges::sort(vectors);
    CHECK(words == vectors);
    CHECK(store.count_pages(monday, conditions) == words.size());
    return words;
  }
};

TEST_CASE("filter: without conditions a search sees its own scope") {
  Library library;
  CHECK(library.find({}) == std::vector{library.asked, library.told});
}

TEST_CASE("filter: by role, source, time and level, all conditions together") {
  Library library;
  const PageId asked = library.asked, told = library.told;
  CHECK(library.find({"role = user"}) == std::vector{asked});
  CHECK(library.find({"role != user"}) == std::vector{told});
  CHECK(library.find({"role in user, assistant"}) == std::vector{asked, told});
  CHECK(library.find({"role not in user, tool"}) == std::vector{told});
  CHECK(library.find({"source ~ *.jsonl"}) == std::vector{asked, told});
  CHECK(library.find({"source ~ *.txt"}).empty());
  CHECK(library.find({"time >= 200"}) == std::vector{told});
  CHECK(library.find({"time < 1970-01-01T00:03:20Z"}) == std::vector{asked});
  CHECK(library.find({"time <= 200", "time > 100"}) == std::vector{told});
  CHECK(library.find({"level = small"}) == std::vector{told});
  CHECK(library.find({"level in tiny, faint", "role = assistant"}).empty());
}

TEST_CASE("filter: a condition on the session looks at all runs of the user's sessions, never at "
          "another user's") {
  Library library;
  CHECK(library.find({"session = tuesday"}) == std::vector{library.tuesday});
  CHECK(library.find({"session ~ *"}) ==
        std::vector{library.asked, library.told, library.tuesday});
  CHECK(library.find({"session ~ *", "role = user"}) == std::vector{library.asked, library.tuesday});
  CHECK(library.find({"run = run2"}).empty());  // a run of the own session
  CHECK(library.find({"run = run2", "session ~ *"}) == std::vector{library.tuesday});
  CHECK(library.find({"agent = coder"}) ==
        std::vector{library.asked, library.told, library.tuesday});
}

TEST_CASE("filter: values are bound, whatever they hold") {
  Library library;
  CHECK(library.find({"role = ' OR 1 = 1 --"}).empty());
  CHECK(library.find({"session = x') OR 1 = 1 --"}).empty());
  CHECK(library.find({"source ~ '; DROP TABLE pages"}).empty());
  CHECK(library.store.verify().empty());
}

TEST_CASE("filter: what cannot be is refused with what was expected") {
  Library library;
  for (const std::string text : {"", "role", "role =", "= user", "colour = red", "role is user",
                                 "ROLE = user", "role in"})
    CHECK_MESSAGE(error_of([&] { condition_from_text(text); })->code() ==
                      ErrorCode::invalid_argument, text);
  for (const std::string text : {"role < user", "level ~ t*", "level = sharp", "time = yesterday",
                                 "time > now", "time ~ 2026*", "level <= tiny"})
    CHECK_MESSAGE(error_of([&] { library.find({text}); })->code() == ErrorCode::invalid_argument,
                  text);
}

TEST_CASE("word search: a page that speaks of it in one place beats one with scattered words") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  std::string scattered, together = "the boat lies in the harbour ";
  for (int i = 0; i < 400; ++i) {
    if (i % 100 == 0) scattered += i % 200 == 0 ? "boat " : "harbour ";  // twice each
    scattered += "filler" + std::to_string(i) + " ";
    together += "filler" + std::to_string(i) + " ";
  }
  const PageId first = add_text(store, scope, scattered);
  const PageId second = add_text(store, scope, together);
  const auto found = store.search_text(kScope, "boat harbour", 5).pages;
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == second);
  CHECK(found[0].score > found[1].score);
  CHECK(found[1].id == first);
  CHECK(found[1].bm25 > found[0].bm25);
}

TEST_CASE("rank fusion: a list counts by its weight, and a place says what it adds") {
  const RankedList words = {{{7, 9.0}, {3, 8.0}}};
  const RankedList newest = {{{3, 200.0}, {7, 100.0}}, 3};
  const auto fused = fuse(std::vector{words, newest}, 10);
  CHECK(fused.at(0).id == 3);
  CHECK(fused.at(0).score == doctest::Approx(1.0 / 62 + 3.0 / 61));
  const auto place = place_of(newest, 7);
  REQUIRE(place);
  CHECK(place->rank == 2);
  CHECK(place->value == 100.0);
  CHECK(place->adds == doctest::Approx(3.0 / 62));
  CHECK(!place_of(newest, 99));
}

}  // namespace
