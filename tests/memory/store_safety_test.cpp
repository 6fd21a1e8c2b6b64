// What happens when the system or another process gets in the way.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <thread>

#include "fovea/server_url.h"
#include "memory/database.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

const Scope kName{"u", "a", "s"};

pid_t start_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child != 0) return child;
  int status = 99;
  try {
    status = body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
  }
  _exit(status);
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

NewMessage numbered(int i) {
  const std::string number = std::to_string(i);
  return {.role = "user",
          .text = number + std::string(static_cast<std::size_t>(i * 7 % 50), '.') + " message\n",
          .time = i + 1,
          .source_id = number};
}

/// Adds `count` messages, and a page for every 100 bytes; as the facade does.
void ingest(Store& store, int count) {
  const ScopeId scope = store.scope(kName);
  for (int i = 0; i < count; ++i) {
    const NewMessage message = numbered(i);
    store.add_messages(scope, {&message, 1});
    while (store.verbatim(scope, 100).text.size() == 100)
      store.add_page(scope, make_page(store.verbatim(scope, 100).text, i));
  }
}

std::string whole_text(Store& store) {
  const ScopeId scope = store.scope(kName);
  std::string text;
  for (const StoredPage& page : store.pages(scope))
    text += store.archived_text(scope, page.id).value();
  return text + store.verbatim(scope).text;
}

std::string expected_text(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += numbered(i).text;
  return text;
}

TEST_CASE("a kill at any time loses nothing that was stored and stores nothing twice") {
  TemporaryFolder folder;
  const std::string expected = expected_text(400);
  for (int round = 0; round < 8; ++round) {
    const pid_t child = start_child([&] {
      Store store(folder.file());
      ingest(store, 400);
      return 0;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(15 + 25 * round));
    kill(child, SIGKILL);
    wait_for(child);
    Store store(folder.file());
    CHECK(expected.starts_with(whole_text(store)));
    CHECK(store.verify().empty());
  }
  Store store(folder.file());
  ingest(store, 400);
  CHECK(whole_text(store) == expected);
  CHECK(store.stats(store.scope(kName)).messages == 400);
  CHECK(store.verify().empty());
}

TEST_CASE("several processes fill one store at once") {
  TemporaryFolder folder;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(start_child([&] {
      Store store(folder.file());
      ingest(store, 40);  // all four the same messages, in the same scope
      const ScopeId own = store.scope({"own", "a", std::to_string(getpid())});
      for (int j = 0; j < 10; ++j) add_text(store, own, "text " + std::to_string(j));
      return store.pages(own).size() == 10 ? 0 : 1;
    }));
  }
  for (const pid_t child : children) CHECK(wait_for(child) == 0);
  Store store(folder.file());
  CHECK(whole_text(store) == expected_text(40));
  CHECK(store.scopes().size() == 5);
  CHECK(store.verify().empty());
}

TEST_CASE("a store that another process locks is an error after a while, not a wait for ever") {
  TemporaryFolder folder;
  Store store(folder.file(), {.patience_ms = 50});
  const ScopeId scope = store.scope(kName);
  const Database other(folder.file(), folder.file(), 50);
  const NewMessage message{"user", "text", 0, ""};
  {
    Transaction lock(other, Transaction::Kind::write, scope);
    const auto error = error_of([&] { store.add_messages(scope, {&message, 1}); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::io);
    CHECK(error->what() == "store " + shown_store(folder.file()) +
                               " is locked by another process; wait until it is done, or stop it, "
                               "and try again");
    CHECK(store.verbatim(scope).text.empty());  // reading goes on
  }
  CHECK(store.add_messages(scope, {&message, 1}) == 1);
}

TEST_CASE("a full disk is an error, and what was stored stays" * doctest::skip(on_server())) {
  TemporaryFolder folder;
  std::string stored;
  {
    Store store(folder.file(), {.max_file_bytes = 400'000});
    const auto error = error_of([&] { ingest(store, 10'000); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::io);
    CHECK(contains(error->what(), "the disk is full; make room and try again"));
    stored = whole_text(store);
    CHECK(stored.size() > 1000);
    CHECK(expected_text(10'000).starts_with(stored));
    CHECK(store.verify().empty());
  }
  Store store(folder.file());
  CHECK(whole_text(store) == stored);
  ingest(store, 300);  // there is room again
  CHECK(expected_text(10'000).starts_with(whole_text(store)));
}

TEST_CASE("a file system that refuses to write is an error, and what was stored stays" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  const int status = wait_for(start_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{900'000, 900'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    Store store(folder.file());
    const auto error = error_of([&] { ingest(store, 10'000); });
    if (!error) return 1;
    if (error->code() != ErrorCode::io) return 2;
    if (!contains(error->what(), "File too large")) return 3;
    if (!contains(error->what(), folder.file())) return 4;
    return whole_text(store).size() > 200 ? 0 : 5;
  }));
  CHECK(status == 0);
  Store store(folder.file());
  CHECK(whole_text(store).size() > 200);
  CHECK(expected_text(10'000).starts_with(whole_text(store)));
  CHECK(store.verify().empty());
}

TEST_CASE("a read-only store can be read; writing is an error" * doctest::skip(on_server())) {
  TemporaryFolder folder;
  {
    Store store(folder.file());
    ingest(store, 20);
  }
  std::filesystem::permissions(folder.path, std::filesystem::perms(0777));
  std::filesystem::permissions(folder.file(), std::filesystem::perms(0444));
  const int status = wait_for(start_child([&] {
    if (getuid() == 0 && setuid(65534) != 0) return 1;  // the superuser may write anything
    Store store(folder.file());
    if (whole_text(store) != expected_text(20)) return 2;
    const auto error = error_of([&] { ingest(store, 30); });
    if (!error || error->code() != ErrorCode::io) return 3;
    return contains(error->what(),
                    "is read-only, or was opened to be read; make file and folder writable")
               ? 0
               : 4;
  }));
  CHECK(status == 0);
}

TEST_CASE("a store in a folder that may not be looked into, or written, is an error" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  { Store store(folder.file()); }
  const auto with_folder = [&](std::filesystem::perms permissions) {
    std::filesystem::permissions(folder.path, permissions);
    const int status = wait_for(start_child([&] {
      if (getuid() == 0 && setuid(65534) != 0) return 1;
      const auto error = error_of([&] { Store store(folder.file()); });
      if (!error || error->code() != ErrorCode::io) return 2;
      return contains(error->what(), folder.file()) && contains(error->what(), "writable") ? 0 : 3;
    }));
    std::filesystem::permissions(folder.path, std::filesystem::perms(0700));
    return status;
  };
  CHECK(with_folder(std::filesystem::perms(0000)) == 0);
  CHECK(with_folder(std::filesystem::perms(0555)) == 0);
}

TEST_CASE("a store file that was cut is reported as damaged" * doctest::skip(on_server())) {
  TemporaryFolder folder;
  {
    Store store(folder.file());
    ingest(store, 200);
  }
  const auto size = std::filesystem::file_size(folder.file());
  std::filesystem::resize_file(folder.file(), size / 2);
  const auto error = error_of([&] {
    Store store(folder.file());
    whole_text(store);
  });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::corruption);
  CHECK(contains(error->what(), "store " + folder.file() + " is damaged"));
  CHECK(std::filesystem::file_size(folder.file()) == size / 2);
}

TEST_CASE("a store with damaged bytes gives an error or its text, and verify finds the damage" *
          doctest::skip(on_server())) {
  TemporaryFolder folder;
  {
    Store store(folder.file());
    ingest(store, 200);
  }
  const std::string good = bytes_of(folder.file());
  const std::string text = expected_text(200);
  int silent = 0;
  for (std::size_t page = 1; page < good.size() / 4096; page += 3) {
    std::string bad = good;
    for (std::size_t i = 0; i < 200; ++i) bad[page * 4096 + i] = static_cast<char>(i * 37 + page);
    std::ofstream(folder.file(), std::ios::binary) << bad;
    bool read = false, sound = false;
    const auto error = error_of([&] {
      Store store(folder.file());
      sound = store.verify().empty();
      read = whole_text(store) == text;
    });
    if (error) CHECK(error->code() == ErrorCode::corruption);
    if (!error && sound && !read) ++silent;
    std::filesystem::remove(folder.file() + "-wal");
    std::filesystem::remove(folder.file() + "-shm");
  }
  CHECK(silent == 0);
}

TEST_CASE("verify names what is wrong with a page" * doctest::skip(on_server())) {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kName);
  const std::string page = std::to_string(add_text(store, scope, "one two three", "m"));
  const Database database(folder.file(), folder.file(), 1000);
  const auto expect = [&](const std::string& sql, const std::string& finding) {
    database.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
    database.execute(sql);
    const auto findings = store.verify();
    CHECK_MESSAGE(std::ranges::find(findings, finding) != findings.end(), finding);
  };
  REQUIRE(store.verify().empty());
  SUBCASE("text") {
    expect("UPDATE archive SET hash = zeroblob(32)",
           "page " + page + " has archived text that is damaged or does not match its hash");
  }
  SUBCASE("tokens gone") {
    expect("DELETE FROM tokens", "page " + page + " has no vision tokens");
  }
  SUBCASE("tokens cut") {
    expect("UPDATE tokens SET vals = zeroblob(5)",
           "page " + page + " has vision tokens that are cut short");
    CHECK(error_of([&] { store.tokens(scope, std::stoi(page)); })->code() == ErrorCode::corruption);
  }
  SUBCASE("scales") {
    expect(
        "UPDATE tokens SET scales = unhex_scales FROM (SELECT CAST(zeroblob(252) || x'0000807f' AS "
        "BLOB) AS unhex_scales)",
        "page " + page + " has a scale that is not finite");
    CHECK(error_of([&] { store.tokens(scope, std::stoi(page)); })->code() == ErrorCode::corruption);
  }
  SUBCASE("level") {
    expect("UPDATE pages SET level = 'faint'",
           "page " + page + " has 64 vision tokens at level faint");
  }
  SUBCASE("fingerprint") {
    expect("UPDATE checkpoints SET fingerprint = 'x'",
           "page " + page + " has an invalid fingerprint");
  }
  SUBCASE("spans") {
    expect("UPDATE page_spans SET length = 3", "page " + page + " has text of no message");
  }
  SUBCASE("twice") {
    expect(
        "INSERT INTO verbatim (scope, message, message_begin, text) SELECT scope, id, 4, x'61' "
        "FROM messages",
        "message 1 is stored twice in part");
  }
  SUBCASE("full text") {
    expect("DELETE FROM archive", "page " + page + " is in the index of words without its text");
  }
  SUBCASE("foreign key") {
    expect("DELETE FROM messages",
           "table page_spans: row 0 names a row of messages that does not exist");
  }
  SUBCASE("vector index") {
    std::ofstream(folder.file() + ".faiss") << "damaged";
    expect("SELECT 1",
           "vector index " + folder.file() + ".faiss is damaged; the next search makes it again");
  }
}

}  // namespace
