#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace fovea {

/// Sees to it that each of several processes that write one store gets to write. SQLite's own lock
/// goes to whoever asks at the right moment, so that one of many may wait without end.
///
/// Who finds the store free writes. Who does not takes the next number and locks the byte of that
/// number in a file beside the store; the one with the lowest number asks again and again, and when
/// it has asked for a while it claims the turn: then all others wait behind it. (Strict order from the
/// beginning would be slow: a process would have to wake up for each small write.) The kernel frees
/// the bytes of a process that dies. The order alone rests on this: SQLite's lock keeps writers apart,
/// whatever becomes of the file, which may be deleted at any time.
///
/// One thread at a time; each connection has a queue object of its own.
class WriterQueue {
 public:
  explicit WriterQueue(std::string path) : path_(std::move(path)) {}
  ~WriterQueue();
  WriterQueue(const WriterQueue&) = delete;
  WriterQueue& operator=(const WriterQueue&) = delete;

  /// Calls `begin`, which tries to take SQLite's lock, until it says true. False: `patience_ms` have
  /// passed in which no one before this one came to its turn, or it to its own.
  bool wait(const std::function<bool()>& begin, int patience_ms);

  /// Claims the turn, so that nobody else begins to write before `release`. Each claim inside another
  /// needs a release, too. False as in `wait`.
  bool claim(int patience_ms);
  void release();

 private:
  class Number;

  bool open(bool make);
  bool is_claimed() const;
  bool try_claim();
  void drop_claim();
  bool ask(const std::function<bool()>& begin, int patience_ms);

  std::string path_;
  int file_ = -1;
  std::chrono::steady_clock::time_point look_again_{};  ///< for the file
  bool claimed_ = false;
  int depth_ = 0;  ///< claims inside each other
};

}  // namespace fovea
