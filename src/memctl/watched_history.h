#pragma once

#include <optional>
#include <string>

#include "memctl/histories.h"

namespace fovea::memctl {

/// The messages of a file that grows. A file that is shortened, rewritten or replaced is read from
/// its beginning again, which is said; what is known of it the store skips.
class WatchedHistory : public MessageSource {
 public:
  /// Throws Error(invalid_argument) for stdin, Error(not_found | io) when the file cannot be read.
  WatchedHistory(std::string file, HistoryFormat format, ProgressBar& bar);

  /// The next whole message; nothing when all that stands in the file was given, and after an
  /// interrupt.
  std::optional<Message> next() override;

  enum class Wait { more, quiet, interrupted };
  /// Waits for more, but no longer than a moment between two looks at the file.
  Wait wait(int milliseconds = 500);

  /// Of what stood in the file when it was opened.
  std::optional<double> share_read() const;
  bool is_open() const { return reader_.has_value(); }
  ReadCounts counts() const;

 private:
  bool open();
  bool has_more();
  void note_left_out();

  std::string file_;
  HistoryFormat format_;
  BrokenLines broken_;
  std::optional<HistoryReader> reader_;
  std::optional<Message> kept_;  // read while looking for the end of a file that was replaced
  bool was_open_ = false, is_gone_ = false;
  ReadCounts counts_;
};

}  // namespace fovea::memctl
