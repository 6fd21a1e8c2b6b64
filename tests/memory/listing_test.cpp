#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

const Scope kMonday{"ann", "coder", "monday"}, kTuesday{"ann", "coder", "tuesday"};
const Scope kBobs{"bob", "coder", "monday"};

/// Ann's Monday: three messages on two pages, and one on none yet; her Tuesday; and Bob's.
struct Diary {
  TemporaryFolder folder;
  Store store{folder.file()};
  PageId first = 0, second = 0;

  Diary() {
    const ScopeId monday = store.scope(kMonday);
    const NewMessage messages[] = {{"user", "where is the boat", 100, "m1"},
                                   {"tool", "ls: harbour", 200, "m2"},
                                   {"assistant", "in the harbour", 300, "m3"},
                                   {"user", "thank you", 400, "m4"}};
    store.add_messages(monday, messages);
    first = store.add_page(monday, make_page("where is the boatls: har", 1, Level::small)).value();
    second = store.add_page(monday, make_page("bourin the harbour")).value();
    add_text(store, store.scope(kTuesday), "the boat again", "t1", 500);
    add_text(store, store.scope(kBobs), "my boat", "b1", 600);
  }

  std::vector<std::string> sources(const std::vector<std::string>& where, std::size_t limit = kNoLimit) {
    std::vector<std::string> found;
    for (const MessageInfo& message : store.list_messages(kMonday, conditions(where), limit))
      found.push_back(message.source_id);
    return found;
  }
  static std::vector<Condition> conditions(const std::vector<std::string>& where) {
    std::vector<Condition> all;
    for (const std::string& text : where) all.push_back(condition_from_text(text));
    return all;
  }
};

using Sources = std::vector<std::string>;

// Sorted with the rows to be grouped, they took as much memory as the scope has bytes.
TEST_CASE("stats adds up the sizes of vision tokens without reading them" *
          doctest::skip(on_server())) {
  const TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  constexpr int kPages = 200, kDim = 1024;
  for (int i = 0; i < kPages; ++i) {
    const std::string text = "page " + std::to_string(i);
    const NewMessage message{"user", text, 1, text};
    store.add_messages(scope, {&message, 1});
    NewPage page = make_page(text);
    page.tokens = make_tokens(Level::tiny, i, kDim);
    store.add_page(scope, page);
  }
  Store other(folder.file());
  sqlite3_memory_highwater(1);  // from now on
  const auto before = sqlite3_memory_used();
  const Stats stats = other.stats(scope);
  const auto more = static_cast<std::size_t>(sqlite3_memory_highwater(0) - before);
  CHECK(stats.token_bytes == kPages * 64 * (kDim + sizeof(float)));
  CHECK(more < stats.token_bytes / 4);
}

}  // namespace

TEST_CASE("lists: pages say what stands on them and what they cost") {
  Diary diary;
  const auto pages = diary.store.list_pages(kMonday);
  REQUIRE(pages.size() == 2);
  const PageInfo& first = pages.front();
  CHECK(first.id == diary.first);
  CHECK(first.scope == kMonday);
  CHECK(first.level == Level::small);
  CHECK(first.first_time == 100);
  CHECK(first.time == 200);
  CHECK(first.messages == 2);
  CHECK(first.sources == Sources{"m1", "m2"});
  CHECK(first.text_bytes == 24);
  CHECK(first.vision_tokens == 100);
  CHECK(first.token_bytes == 100 * (4 + 8));
  CHECK(!first.fidelity);
  CHECK(pages[1].sources == Sources{"m2", "m3"});
}

TEST_CASE("lists: messages stand with their pages, or on none yet") {
  Diary diary;
  const auto messages = diary.store.list_messages(kMonday);
  REQUIRE(messages.size() == 4);
  CHECK(messages[0].role == "user");
  CHECK(messages[0].level == Level::small);
  CHECK(messages[1].pages == std::vector{diary.first, diary.second});
  CHECK(messages[3].pages.empty());
  CHECK(!messages[3].level);
  CHECK(messages[3].bytes == 9);
  CHECK(diary.store.message_text(kMonday, messages[1].id) == "ls: harbour");
  CHECK(diary.store.message_text(kMonday, messages[3].id) == "thank you");
}

TEST_CASE("lists: conditions and a limit, which takes the newest ones") {
  Diary diary;
  CHECK(diary.sources({}, 2) == Sources{"m3", "m4"});
  CHECK(diary.sources({"role = user"}) == Sources{"m1", "m4"});
  CHECK(diary.sources({"role = user"}, 1) == Sources{"m4"});
  CHECK(diary.sources({"time >= 200", "time < 400"}) == Sources{"m2", "m3"});
  CHECK(diary.sources({"level = tiny"}) == Sources{"m2", "m3"});
  CHECK(diary.sources({"source ~ m[34]"}) == Sources{"m3", "m4"});
  CHECK(diary.store.list_pages(kMonday, Diary::conditions({"role = assistant"})).size() == 1);
  CHECK(diary.store.list_pages(kMonday, {}, 1).front().id == diary.second);
  CHECK(error_of([&] { diary.sources({"level = sharp"}); })->code() == ErrorCode::invalid_argument);
}

TEST_CASE("lists: one page, and the messages on it") {
  Diary diary;
  const auto on = [&](const Scope& scope, PageId page) {
    return diary.store.list_messages(scope, {}, kNoLimit, page);
  };
  REQUIRE(on(kMonday, diary.second).size() == 2);
  CHECK(on(kMonday, diary.second).front().source_id == "m2");
  CHECK(on(kBobs, diary.second).empty());
  REQUIRE(diary.store.list_pages(kMonday, {}, kNoLimit, diary.first).size() == 1);
  CHECK(diary.store.list_pages(kMonday, {}, kNoLimit, diary.first).front().id == diary.first);
  CHECK(diary.store.list_pages(kBobs, {}, kNoLimit, diary.first).empty());
}

TEST_CASE("lists: other sessions are the same user's, never another's") {
  Diary diary;
  CHECK(diary.sources({"session ~ *"}) == Sources{"m1", "m2", "m3", "m4", "t1"});
  CHECK(diary.store.list_pages(kMonday, Diary::conditions({"session ~ *"})).size() == 3);
  const auto bobs = diary.store.list_messages(kBobs);
  REQUIRE(bobs.size() == 1);
  CHECK(!diary.store.message_text(kMonday, bobs[0].id));
}

TEST_CASE("lists: scopes with their figures, of one user or of all") {
  Diary diary;
  const auto all = diary.store.list_scopes();
  REQUIRE(all.size() == 3);
  CHECK(all[0].scope == kMonday);
  CHECK(all[0].pages == 2);
  CHECK(all[0].messages == 4);
  CHECK(all[0].vision_tokens == 100 + 64);
  CHECK(all[0].verbatim_bytes == 9);
  CHECK(all[0].first_time == 100);
  CHECK(all[0].time == 400);
  CHECK(all[2].scope == kBobs);
  CHECK(diary.store.list_scopes("ann").size() == 2);
  CHECK(diary.store.list_scopes("carl").empty());
}

TEST_CASE("lists: what has expired is in none") {
  Diary diary;
  const ScopeId monday = diary.store.scope(kMonday);
  const NewMessage over{"user", "short-lived", 700, "x", 800};
  diary.store.add_messages(monday, {&over, 1});
  CHECK(diary.sources({}).back() == "m4");
}
