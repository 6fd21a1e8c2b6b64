// Stores of one file in several threads of a process. SQLite's locks are the process's, which two
// connections in it share: what several processes do to each other says nothing about this.
#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "tests/memory/store_fixture.h"
#include "tests/threads.h"

namespace {

using namespace fovea;
using namespace fovea::test;

constexpr int kWriters = 3, kReaders = 2, kMessages = 12;
const Scope kShared{"all", "of", "them"};
const std::vector<float> kVector{0.6f, 0.8f};

Scope own_scope(int writer) { return {"user" + std::to_string(writer), "a", "s"}; }

std::string word_of(int writer) { return "word" + std::to_string(writer); }

std::string text_of(int writer, int message) {
  return word_of(writer) + " " + std::to_string(message) + "\n";
}

/// A page of all that is on none yet, found by its words and by its vector.
void make_page_of_rest(Store& store, ScopeId scope) {
  NewPage page = make_page(store.verbatim(scope).text);
  page.embedding = kVector;
  store.add_page(scope, page);
}

void write(const std::string& path, int writer) {
  Store store(path);
  const ScopeId own = store.scope(own_scope(writer)), shared = store.scope(kShared);
  for (int i = 0; i < kMessages; ++i) {
    const NewMessage message{
        .role = "user", .text = text_of(writer, i), .time = 1, .source_id = text_of(writer, i)};
    store.add_messages(own, {&message, 1});
    store.add_messages(shared, {&message, 1});
    if (i % 3 == 2) make_page_of_rest(store, own);
  }
  store.erase_pages(own, std::vector{store.pages(own).front().id}, 1);
}

/// What is wrong with what a reader sees of a writer's scope; empty: nothing.
std::string fault_in(const Store& store, int writer) try {
  const Scope name = own_scope(writer);
  const auto scope = store.find_scope(name);
  if (!scope) return {};
  const std::string others = word_of((writer + 1) % kWriters);
  if (!store.search_text(name, others, 5).pages.empty()) return "it finds another user's words";
  for (const PageScore& hit : store.search_vectors(name, kFingerprint, kVector, 100)) {
    if (store.whereabouts({&hit.id, 1}).front().first != name)
      return "it finds another user's page";
  }
  for (const StoredPage& page : store.pages(*scope)) {
    if (store.tokens(*scope, page.id).count != token_count(page.level)) return "tokens are missing";
  }
  return {};
} catch (const Error& error) {
  return error.code() == ErrorCode::not_found ? "" : error.what();  // erased since it was listed
}

TEST_CASE("threads: stores of one file lose nothing, and keep their users apart") {
  const TemporaryFolder folder;
  std::atomic<int> writing = kWriters;
  std::vector<std::string> faults(kReaders);
  on_threads(kWriters + kReaders, [&](int thread) {
    if (thread < kWriters) {
      write(folder.file(), thread);
      --writing;
      return;
    }
    const Store store(folder.file());
    std::string& fault = faults[thread - kWriters];
    for (int round = 0; writing > 0 && fault.empty(); ++round)
      fault = fault_in(store, round % kWriters);
  });
  CHECK(faults == std::vector<std::string>(kReaders));

  Store store(folder.file());
  CHECK(store.verify().empty());
  for (int writer = 0; writer < kWriters; ++writer) {
    CAPTURE(writer);
    const ScopeId own = store.find_scope(own_scope(writer)).value();
    std::string kept, expected;
    for (const StoredPage& page : store.pages(own))
      kept += store.archived_text(own, page.id).value();
    for (int i = 3; i < kMessages; ++i) expected += text_of(writer, i);  // its first page is erased
    CHECK(kept == expected);
    CHECK(fault_in(store, writer) == "");
  }
  const std::string all = store.verbatim(store.find_scope(kShared).value()).text;
  for (int writer = 0; writer < kWriters; ++writer) {
    std::size_t last = 0;
    for (int i = 0; i < kMessages; ++i) {
      const std::size_t at = all.find(text_of(writer, i));
      REQUIRE(at != std::string::npos);
      CHECK((i == 0 || at > last));  // each writer's in its order
      CHECK(all.find(text_of(writer, i), at + 1) == std::string::npos);
      last = at;
    }
  }
}

TEST_CASE("threads: a scope that several make at once is one") {
  const TemporaryFolder folder;
  std::vector<ScopeId> ids(4);
  on_threads(4, [&](int thread) { ids[thread] = Store(folder.file()).scope(kShared); });
  CHECK(std::set<ScopeId>(ids.begin(), ids.end()).size() == 1);
  CHECK(Store(folder.file()).scopes() == std::vector{kShared});
}

TEST_CASE("threads: a message that several bring at once is stored once, by each user") {
  const TemporaryFolder folder;
  const NewMessage message{
      .role = "user", .text = "the same\n", .time = 1, .source_id = "from one chat"};
  std::atomic<std::size_t> added = 0;
  on_threads(4, [&](int thread) {
    Store store(folder.file());
    added += store.add_messages(store.scope(own_scope(thread % 2)), {&message, 1});
  });
  CHECK(added == 2);
  Store store(folder.file());
  for (const int user : {0, 1})
    CHECK(store.verbatim(store.scope(own_scope(user))).text == message.text);
}

}  // namespace
