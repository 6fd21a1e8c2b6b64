#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>

/// While it lives, libtorch has so many threads.
class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(at::get_num_threads()) {
    at::set_num_threads(threads);
  }
  ~ThreadCount() { at::set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

/// Whether f() is true on each of `count` threads that call it at once, `times` times each.
template <typename F>
bool holds_on_threads(int count, int times, const F& f) {
  std::atomic<int> waiting = count, right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      for (int time = 0; time < times; ++time) right += f() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return right == count * times;
}
