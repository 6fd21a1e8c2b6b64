#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/message.h"

namespace fovea {

/// The format of a transcript.
enum class HistoryFormat {
  automatic,    ///< detected from the content
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
std::string_view name_of(HistoryFormat format);
/// Throws Error(invalid_argument) naming the formats that exist.
HistoryFormat history_format_from_name(std::string_view name);

/// A place in a transcript that could not be read and was left out.
struct BrokenPart {
  std::size_t line = 0;  ///< from 1
  std::string reason;
};

struct HistoryOptions {
  HistoryFormat format = HistoryFormat::automatic;
  /// Called for each part that cannot be read; what follows it is still read.
  std::function<void(const BrokenPart&)> on_broken = {};
};

/// What happened to a file since it was last read.
enum class FileChange {
  none,
  grown,
  truncated,  ///< shorter than what was read, or with other bytes there
  replaced,   ///< another file has its name
  gone,
};

/// Reads a transcript message by message, with one line or message in memory at a time. Unpacks
/// gzip and zstd, and converts UTF-16 and UTF-32 to UTF-8. Messages without an id are named by the
/// file and their position in it. Movable; one thread at a time.
class HistoryReader : public MessageSource {
 public:
  /// Opens a file; "-" is stdin. Throws Error(not_found | io) if it is missing, unreadable or a
  /// folder.
  explicit HistoryReader(const std::string& path, HistoryOptions options = {});
  /// Reads a stream, which must outlive the reader. `name` takes the place of a file's path:
  /// streams with the same name are taken for one, read again or grown.
  HistoryReader(std::istream& stream, const std::string& name, HistoryOptions options = {});
  /// Opens a file that may still grow: its end is only the end for now, and a last line without a
  /// line feed is left for later. Returns nothing while the file is too short to tell its format.
  static std::optional<HistoryReader> follow(const std::string& path, HistoryOptions options = {});
  ~HistoryReader() override;
  HistoryReader(HistoryReader&&) noexcept;
  HistoryReader& operator=(HistoryReader&&) noexcept;

  /// The next message, or nothing at the end. For a file that is followed it may be called again
  /// then. Throws Error(io).
  std::optional<Message> next() override;
  /// Pictures, encrypted text, a session's bookkeeping.
  LeftOut left_out() const override;
  /// The size of a file in bytes; 0 for a pipe or stream.
  std::size_t expected_characters() const override;

  HistoryFormat format() const;
  std::size_t messages() const;  ///< returned by `next` so far
  std::size_t broken() const;    ///< parts so far that could not be read
  /// Share of the file read so far, 0..1; nothing if its size is not known.
  std::optional<double> share_read() const;
  /// Compares the file that now has this name with what was read.
  FileChange change() const;

 private:
  struct Impl;
  explicit HistoryReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads single messages in the JSON of a chat API (OpenAI chat and Responses, Anthropic, ShareGPT,
/// Gemini, LangChain ...). Remembers which tools were called, so that their results can name them:
/// use one parser per conversation. Movable; one thread at a time.
class ChatParser {
 public:
  ChatParser();
  ~ChatParser();
  ChatParser(ChatParser&&) noexcept;
  ChatParser& operator=(ChatParser&&) noexcept;

  /// Returns the message, identified by its "id"; nothing if it has no text to show, such as
  /// encrypted reasoning. `name`: what errors call it. Throws Error(invalid_argument) for text that
  /// is not JSON or not a message.
  std::optional<Message> parse(std::string_view json, std::string_view name = "a message");
  /// What was left out on purpose so far.
  LeftOut left_out() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
