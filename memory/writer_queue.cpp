#include "memory/writer_queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>

namespace fovea {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// Byte 0 is the claim, byte n the number n; the file's content is the next number.
constexpr std::int64_t kClaim = 0, kNumbers = std::int64_t{1} << 62;
constexpr milliseconds kBeforeClaim{50};
// A short turn is noticed at once, a long one costs few looks.
constexpr microseconds kShortestPause{50}, kLongestPause{2000};

struct flock stretch(short type, std::int64_t begin, std::int64_t length) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = begin;
  lock.l_len = length;
  return lock;
}

// Locks of the open file, not of the process: two stores in one process wait for each other, too.
bool set_lock(int file, short type, std::int64_t byte) {
  struct flock lock = stretch(type, byte, 1);
  return ::fcntl(file, F_OFD_SETLK, &lock) == 0;
}

/// The first byte of a lock that another has in the stretch, -1: there is none.
std::int64_t locked_in(int file, std::int64_t begin, std::int64_t end) {
  struct flock lock = stretch(F_WRLCK, begin, end - begin);
  if (end <= begin || ::fcntl(file, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return -1;
  return lock.l_start;
}

}  // namespace

/// A place in the line.
class WriterQueue::Number {
 public:
  /// Two that read the same next number are told apart by the lock; should a number come twice after
  /// all, two change places.
  explicit Number(int file) : file_(file) {
    std::int64_t next = 0;
    if (::pread(file_, &next, sizeof next, 0) < 0) return;
    next = std::clamp<std::int64_t>(next, 1, kNumbers);
    for (; !set_lock(file_, F_WRLCK, next); ++next) {
      if (errno != EAGAIN && errno != EACCES) return;  // a file system without locks
    }
    number_ = next++;
    if (::pwrite(file_, &next, sizeof next, 0) < 0) return;  // a full disk: the next one comes along
  }
  ~Number() {
    if (number_ != 0) set_lock(file_, F_UNLCK, number_);
  }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;

  /// The lowest number before this one, -1: this one is the first.
  std::int64_t first_before() const {
    std::int64_t first = -1;
    // The kernel names any lock that is in the way, not the lowest.
    for (std::int64_t end = number_; (end = locked_in(file_, kClaim + 1, end)) > 0;) first = end;
    return first;
  }

 private:
  int file_;
  std::int64_t number_ = 0;  ///< 0: none could be had, so it is first
};

WriterQueue::~WriterQueue() {
  if (file_ >= 0) ::close(file_);
}

/// Who never waits leaves no file, and where there can be none there is no order. That another one
/// has made it is soon enough seen now and then.
bool WriterQueue::open(bool make) {
  const auto now = Clock::now();
  if (file_ >= 0 || (!make && now < look_again_)) return file_ >= 0;
  look_again_ = now + kBeforeClaim / 2;
  file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
  return file_ >= 0;
}

bool WriterQueue::is_claimed() const {
  return !claimed_ && locked_in(file_, kClaim, kClaim + 1) >= 0;
}

bool WriterQueue::try_claim() {
  claimed_ = claimed_ || set_lock(file_, F_WRLCK, kClaim);
  return claimed_;
}

void WriterQueue::drop_claim() {
  if (claimed_) set_lock(file_, F_UNLCK, kClaim);
  claimed_ = false;
}

bool WriterQueue::wait(const std::function<bool()>& begin, int patience_ms) {
  if (depth_ > 0) return ask(begin, patience_ms);
  const bool is_free = !open(false) || !is_claimed();
  if (is_free && begin()) return true;
  open(true);
  const bool begun = ask(begin, patience_ms);
  drop_claim();
  return begun;
}

bool WriterQueue::claim(int patience_ms) {
  const auto claim_it = [this] { return try_claim(); };
  if (depth_ == 0 && open(true) && !ask(claim_it, patience_ms)) return false;
  ++depth_;
  return true;
}

void WriterQueue::release() {
  if (--depth_ == 0) drop_claim();
}

/// In the line, or with the claim before all that stand there.
bool WriterQueue::ask(const std::function<bool()>& begin, int patience_ms) {
  std::optional<Number> number;
  if (depth_ == 0) number.emplace(file_);
  auto moved = Clock::now();
  for (std::int64_t last = 0;;) {
    const std::int64_t first = number ? number->first_before() : -1;
    if (first != last) moved = Clock::now();
    last = first;
    const auto waited = std::chrono::duration_cast<microseconds>(Clock::now() - moved);
    if (first < 0) {
      if (waited > kBeforeClaim) try_claim();
      if (!is_claimed() && begin()) return true;
    }
    if (waited > milliseconds(patience_ms)) return false;
    std::this_thread::sleep_for(std::clamp(waited / 8, kShortestPause, kLongestPause));
  }
}

}  // namespace fovea
