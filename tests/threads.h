#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

/// Calls f(i) on `count` threads that begin together, i from 0 on, and waits for them. Throws what
/// one of them has thrown.
inline void on_threads(int count, const std::function<void(int)>& f) {
  std::atomic<int> waiting = count;
  std::vector<std::exception_ptr> errors(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      try {
        f(i);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

/// Whether f() is true on each of `count` threads that call it at once, `times` times each.
inline bool holds_on_threads(int count, int times, const std::function<bool()>& f) {
  std::atomic<int> right = 0;
  on_threads(count, [&](int) {
    for (int time = 0; time < times; ++time) right += f() ? 1 : 0;
  });
  return right == count * times;
}
