#include "memctl/watched_history.h"

#include <poll.h>

#include <utility>

#include "fovea/error.h"
#include "memctl/interrupt.h"
#include "memctl/output.h"

namespace fovea::memctl {

WatchedHistory::WatchedHistory(std::string file, HistoryFormat format, ProgressBar& bar)
    : file_(std::move(file)), format_(format), broken_(file_, bar) {
  if (file_ == "-") {
    throw Error(ErrorCode::invalid_argument,
                "--watch follows a file; without it, stdin is read to its end");
  }
  if (!open()) say(file_ + ": waiting for lines that show its format");
}

bool WatchedHistory::open() {
  try {
    const auto on_broken = [this](const BrokenPart& part) {
      ++counts_.broken;
      broken_.report(part);
    };
    reader_ = HistoryReader::follow(file_, {.format = format_, .on_broken = on_broken});
  } catch (const Error& error) {
    // Between two files of that name there may be none.
    if (error.code() != ErrorCode::not_found || !was_open_) throw;
  }
  if (reader_ && !std::exchange(was_open_, true)) {
    say("following " + file_ + " as " + std::string(name_of(reader_->format())) +
        "; Ctrl-C ends it");
  }
  return reader_.has_value();
}

std::optional<Message> WatchedHistory::next() {
  if (interrupted() || !reader_) return std::nullopt;
  auto message = kept_ ? std::exchange(kept_, {}) : reader_->next();
  if (message) ++counts_.messages;
  return message;
}

std::optional<double> WatchedHistory::share_read() const {
  return reader_ ? reader_->share_read() : std::nullopt;
}

bool WatchedHistory::has_more() {
  if (!reader_) return open();
  const FileChange change = reader_->change();
  if (change == FileChange::none) return false;
  if (change == FileChange::grown) return true;
  if (change == FileChange::truncated) {
    say(file_ + ": was shortened or rewritten; reading it from its beginning");
  } else {
    kept_ = reader_->next();  // its last lines may have come after the last look
    if (kept_) return true;
    if (change == FileChange::gone) {
      if (!std::exchange(is_gone_, true)) say(file_ + ": is gone; waiting for a new one");
      return false;
    }
    say(file_ + ": was replaced; reading the new file from its beginning");
  }
  is_gone_ = false;
  note_left_out();
  reader_.reset();
  return open();
}

void WatchedHistory::note_left_out() {
  for (const auto& [kind, count] : reader_->left_out()) counts_.left_out[kind] += count;
}

ReadCounts WatchedHistory::counts() const {
  ReadCounts counts = counts_;
  if (!reader_) return counts;
  for (const auto& [kind, count] : reader_->left_out()) counts.left_out[kind] += count;
  ++counts.formats[std::string(name_of(reader_->format()))];
  return counts;
}

WatchedHistory::Wait WatchedHistory::wait(int milliseconds) {
  if (!interrupted()) poll(nullptr, 0, milliseconds);  // unlike sleep_for, a signal ends it
  if (interrupted()) return Wait::interrupted;
  return has_more() ? Wait::more : Wait::quiet;
}

}  // namespace fovea::memctl
