#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fovea/history.h"
#include "memctl/progress_bar.h"

namespace fovea::memctl {

struct ReadCounts {
  std::size_t messages = 0;
  std::size_t broken = 0;                      ///< lines left out
  std::map<std::string, std::size_t> formats;  ///< files read, by format
  LeftOut left_out;                            ///< see CompactResult
};

/// The transcripts in folders, oldest first, in their folder's place; other names stay. Throws
/// Error(not_found) for a folder without one.
std::vector<std::string> with_folders_read(const std::vector<std::string>& names);

/// What was left out, by kind and in one line for people: "2 image, 70 progress".
std::string left_out_line(const LeftOut& left_out);

/// Says which parts of a file could not be read: the first ones each, then how many more.
class BrokenLines {
 public:
  BrokenLines(std::string file, ProgressBar& bar) : file_(std::move(file)), bar_(bar) {}
  void report(const BrokenPart& part);
  void say_how_many_more();

 private:
  std::string file_;
  ProgressBar& bar_;
  std::size_t count_ = 0;
};

/// The messages of several files, one after the other.
class Histories : public MessageSource {
 public:
  /// `files`: folders stand for the transcripts in them. Throws Error(not_found | io) when one of
  /// them cannot be read.
  Histories(const std::vector<std::string>& files, HistoryFormat format, ProgressBar& bar);

  /// Nothing at the end and after an interrupt. Throws Error(corruption) after a file of which no
  /// line can be read.
  std::optional<Message> next() override;
  LeftOut left_out() const override { return counts_.left_out; }
  /// Bytes of all files; 0: not known.
  std::size_t expected_characters() const override { return has_pipe_ ? 0 : bytes_; }
  /// Of all files by size; nothing when one is a pipe.
  std::optional<double> share_read() const;
  const ReadCounts& counts() const { return counts_; }

 private:
  std::size_t bytes_of(const std::string& file) const;
  bool open_next();
  void say_format(const std::string& file) const;
  void close();

  std::vector<std::string> files_;
  HistoryFormat format_;
  ProgressBar& bar_;
  std::optional<HistoryReader> reader_;
  std::unique_ptr<BrokenLines> broken_;  // of the file being read
  std::size_t index_ = 0;                // of the file after it
  std::size_t bytes_ = 0, bytes_done_ = 0;
  ReadCounts counts_;
  mutable bool has_pipe_ = false;
};

}  // namespace fovea::memctl
