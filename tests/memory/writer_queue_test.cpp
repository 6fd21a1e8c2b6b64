#include "memory/writer_queue.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

constexpr int kLong = 120'000;  // ms

void pause(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

/// Until so many stand or have stood in the line: the file begins with the next number.
void wait_for_numbers(const std::string& path, std::int64_t count) {
  for (std::int64_t next = 0; next <= count; pause(1))
    std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(&next), sizeof next);
}

/// What SQLite's lock is to the store.
struct Lock {
  std::mutex mutex;
  bool take() { return mutex.try_lock(); }
};

TEST_CASE("writers: those that wait write in their order, and one that never stops lets them") {
  TemporaryFolder folder;
  const std::string path = folder.file("queue");
  Lock lock;
  std::atomic<bool> over = false;
  const auto begin = [&lock] { return lock.take(); };
  std::vector<int> order;
  WriterQueue first(path);
  REQUIRE(first.wait(begin, kLong));
  std::vector<std::thread> waiting;
  for (int i = 1; i <= 4; ++i) {
    waiting.emplace_back([&, i] {
      WriterQueue queue(path);
      if (!queue.wait(begin, kLong)) return;
      order.push_back(i);  // it is alone
      lock.mutex.unlock();
    });
    wait_for_numbers(path, i);
  }
  lock.mutex.unlock();
  std::thread greedy([&] {  // always there before those that sleep
    WriterQueue queue(path);
    while (!over && queue.wait(begin, kLong)) {
      pause(1);
      lock.mutex.unlock();
    }
  });
  for (std::thread& thread : waiting) thread.join();
  over = true;
  greedy.join();
  CHECK(order == std::vector{1, 2, 3, 4});
}

TEST_CASE("writers: a process that is killed with the claim holds nobody up") {
  TemporaryFolder folder;
  const std::string path = folder.file("queue");
  const auto free = [] { return true; };
  int ready[2] = {};
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    WriterQueue queue(path);
    const char claimed = queue.claim(kLong) ? 1 : 0;
    if (write(ready[1], &claimed, 1) == 1) ::pause();
    _exit(1);
  }
  char claimed = 0;
  REQUIRE(read(ready[0], &claimed, 1) == 1);
  CHECK(claimed == 1);
  WriterQueue queue(path);
  CHECK(!queue.wait(free, 30));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(queue.wait(free, kLong));
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("writers: a line that moves is waited for, longer than the patience with any one") {
  TemporaryFolder folder;
  const std::string path = folder.file("queue");
  // A claim is held until all stand in the line. Each turn is far shorter than the patience, as on a
  // busy machine the next one begins late.
  constexpr int kTurns = 12, kTurn = 100, kPatience = 1000;
  WriterQueue holder(path);
  REQUIRE(holder.claim(kLong));
  std::vector<std::thread> slow;
  for (int i = 0; i < kTurns; ++i) {
    slow.emplace_back([&path] {
      WriterQueue queue(path);
      if (!queue.claim(kLong)) return;
      pause(kTurn);
      queue.release();
    });
    wait_for_numbers(path, i + 2);  // the holder's was the first
  }
  WriterQueue last(path);
  const auto before = std::chrono::steady_clock::now();
  holder.release();
  CHECK(last.claim(kPatience));
  CHECK(std::chrono::steady_clock::now() - before > std::chrono::milliseconds(kPatience));
  last.release();
  for (std::thread& thread : slow) thread.join();
}

TEST_CASE("writers: a claim inside a claim is the same one; who has it need not wait in the line") {
  TemporaryFolder folder;
  const std::string path = folder.file("queue");
  const auto free = [] { return true; };
  WriterQueue queue(path), other(path);
  REQUIRE(queue.claim(kLong));
  std::thread waiting([&] { CHECK(other.wait(free, kLong)); });
  wait_for_numbers(path, 2);
  REQUIRE(queue.claim(0));
  CHECK(queue.wait(free, 0));
  queue.release();
  CHECK(!WriterQueue(path).wait(free, 10));
  queue.release();
  waiting.join();
}

TEST_CASE("writers: without a file, or with a damaged or deleted one, nobody waits for ever") {
  TemporaryFolder folder;
  const auto free = [] { return true; };
  WriterQueue nowhere(folder.file("no/such/folder/queue"));
  CHECK(nowhere.claim(0));
  CHECK(nowhere.wait(free, 0));
  CHECK(!nowhere.wait([] { return false; }, 0));
  const std::string path = folder.file("queue");
  std::ofstream(path) << "\xff\xff\xff\xff\xff\xff\xff\xff and more";
  WriterQueue queue(path);
  CHECK(queue.claim(0));
  std::filesystem::remove(path);
  CHECK(WriterQueue(path).claim(0));
}

TEST_CASE("writers: one process alone leaves no file beside the store") {
  TemporaryFolder folder;
  Store store(folder.file());
  const ScopeId scope = store.scope(kScope);
  const PageId page = add_text(store, scope, "text");
  CHECK(store.pages(scope).size() == 1);
  CHECK(!std::filesystem::exists(folder.file() + ".queue"));
  CHECK(store.erase_pages(scope, {&page, 1}, 1).bytes_gone);
}

}  // namespace
