#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/memory.h"

namespace fovea {

enum class HistoryFormat {
  automatic,    ///< by what stands in the file
  text,         ///< any bytes, kept exactly
  openai,       ///< OpenAI chat: a message or {"messages": [...]} a line, or a JSON list of messages
  claude_code,  ///< a Claude Code session file
};

/// Throws Error(invalid_argument) naming the formats that exist.
HistoryFormat history_format_from_name(std::string_view name);
std::string_view name_of(HistoryFormat format);

/// A place in a transcript that could not be read and was left out.
struct BrokenPart {
  std::size_t line = 0;  ///< from 1
  std::string reason;
};

/// Reads a history one message after the other, holding one line at a time. One thread.
class HistoryReader {
 public:
  virtual ~HistoryReader() = default;
  /// The next message, its text as it goes onto pages; nothing at the end. Throws Error(io).
  virtual std::optional<Message> next() = 0;
  virtual HistoryFormat format() const = 0;
  /// Share of the file read so far, 0..1; nothing when its size is not known.
  virtual std::optional<double> share_read() const = 0;
};

/// Opens `path` ("-": stdin). `broken` hears of each part that cannot be read; what follows it is
/// still read. Throws Error(not_found | io) for a file that is missing, unreadable or a folder.
std::unique_ptr<HistoryReader> open_history(const std::string& path,
                                            HistoryFormat format = HistoryFormat::automatic,
                                            std::function<void(const BrokenPart&)> broken = {});

}  // namespace fovea
