#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fovea/message.h"
#include "history/byte_source.h"
#include "history/readable.h"

namespace fovea {

enum class HistoryFormat {
  automatic,    ///< by what stands in the file
  text,         ///< any bytes, kept exactly
  openai,       ///< OpenAI chat messages
  responses,    ///< items of OpenAI's Responses API
  anthropic,    ///< Anthropic messages
  sharegpt,     ///< ShareGPT conversations
  claude_code,  ///< a Claude Code session file
  codex,        ///< a Codex rollout file
  gemini,       ///< contents of Gemini's API, sessions of Gemini CLI
  langchain,    ///< LangChain messages
  opencode,     ///< OpenCode sessions
  vercel,       ///< messages of Vercel's AI SDK
};

/// Throws Error(invalid_argument) naming the formats that exist.
HistoryFormat history_format_from_name(std::string_view name);
std::string_view name_of(HistoryFormat format);

/// A place in a transcript that could not be read and was left out.
struct BrokenPart {
  std::size_t line = 0;  ///< from 1
  std::string reason;
};
using BrokenHandler = std::function<void(const BrokenPart&)>;

/// Reads a history one message after the other, holding one line or message at a time. One thread.
class HistoryReader {
 public:
  virtual ~HistoryReader() = default;
  /// The next message, its text as it goes onto pages; nothing at the end. Throws Error(io).
  /// After the end of a file that is followed it may be called again.
  std::optional<Message> next();

  HistoryFormat format() const { return format_; }
  /// What was left out on purpose so far: pictures, encrypted text, bookkeeping, by kind.
  virtual LeftOut left_out() const { return {}; }
  /// Share of the file read so far, 0..1; nothing when its size is not known.
  std::optional<double> share_read() const { return source_.share_taken(); }
  /// What became of the file since it was last read.
  FileChange change() const { return source_.change(); }

 protected:
  HistoryReader(ByteSource source, HistoryFormat format, BrokenHandler broken);
  /// What `next` gives, without its place in the stream. `source_id` of a message without an id:
  /// the source's name, ':' or '@', and a place in it.
  virtual std::optional<Message> read_next() = 0;
  void report(std::size_t line, std::string reason) const { broken_({line, std::move(reason)}); }

  ByteSource source_;

 private:
  bool has_own_id(const Message& message) const;

  HistoryFormat format_;
  BrokenHandler broken_;
  std::string stream_;      ///< see StreamPlace
  std::size_t number_ = 0;  ///< of the last message
  std::unordered_map<std::size_t, std::size_t> given_;  ///< by hash how often
};

/// Opens `path` ("-": stdin). `broken` hears of each part that cannot be read; what follows it is
/// still read. Throws Error(not_found | io) for a file that is missing, unreadable or a folder.
std::unique_ptr<HistoryReader> open_history(const std::string& path,
                                            HistoryFormat format = HistoryFormat::automatic,
                                            BrokenHandler broken = {});

/// The same for a file that grows while it is read. Nothing as long as too little stands in it to
/// tell its format.
std::unique_ptr<HistoryReader> follow_history(const std::string& path, HistoryFormat format,
                                              BrokenHandler broken = {});

}  // namespace fovea
