#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "fovea/history.h"
#include "history/byte_source.h"

namespace fovea {

using BrokenHandler = std::function<void(const BrokenPart&)>;

/// What HistoryReader reads a transcript with, a class for each kind of format. One thread.
class TranscriptReader {
 public:
  virtual ~TranscriptReader() = default;
  /// See HistoryReader::next.
  std::optional<Message> next();

  HistoryFormat format() const { return format_; }
  virtual LeftOut left_out() const { return {}; }
  std::size_t messages() const { return messages_; }
  std::size_t broken() const { return broken_parts_; }
  const ByteSource& source() const { return source_; }

 protected:
  /// `broken`: may be empty.
  TranscriptReader(ByteSource source, HistoryFormat format, BrokenHandler broken);
  /// What `next` gives, without its place in the stream. `source_id` of a message without an id:
  /// the source's name, ':' or '@', and a place in it.
  virtual std::optional<Message> read_next() = 0;
  void report(std::size_t line, std::string reason);

  ByteSource source_;

 private:
  bool has_own_id(const Message& message) const;

  HistoryFormat format_;
  BrokenHandler broken_;
  std::size_t messages_ = 0, broken_parts_ = 0;
  std::string stream_;      ///< see StreamPlace
  std::size_t number_ = 0;  ///< of the last message without an id of its own
  std::unordered_map<std::size_t, std::size_t> given_;  ///< by hash how often
};

/// The reader of that format; automatic: of the one that `source` seems to have.
std::unique_ptr<TranscriptReader> open_transcript(ByteSource source, HistoryFormat format,
                                                  BrokenHandler broken);
/// The same of a source that is followed. Null as long as too little stands in it to tell its
/// format.
std::unique_ptr<TranscriptReader> follow_transcript(ByteSource source, HistoryFormat format,
                                                    BrokenHandler broken);

}  // namespace fovea
