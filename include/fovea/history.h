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

/// What a transcript is written in.
enum class HistoryFormat {
  automatic,    ///< by what stands in it
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

/// What became of a file since it was last read.
enum class FileChange {
  none,
  grown,
  truncated,  ///< shorter now than what was read, or other bytes stand there
  replaced,   ///< another file has its name
  gone,
};

/// Reads a transcript one message after the other, holding one line or message at a time. What is
/// packed by gzip or zstd is unpacked, UTF-16 and UTF-32 become UTF-8. Messages without an id of
/// their own are named by the file and their place in it. Movable; one thread at a time.
class HistoryReader : public MessageSource {
 public:
  /// Opens a file; "-": stdin. Throws Error(not_found | io) for one that is missing, unreadable or
  /// a folder.
  explicit HistoryReader(const std::string& path, HistoryOptions options = {});
  /// Reads a stream, which must outlive the reader. `name`: stands for a file's path; a stream of
  /// the same name is taken for the same one, read again or grown.
  HistoryReader(std::istream& stream, const std::string& name, HistoryOptions options = {});
  /// Opens a file that grows while it is read: its end is the end for now, and a line without its
  /// line feed is not yet one. Nothing as long as too little stands in it to tell its format.
  static std::optional<HistoryReader> follow(const std::string& path, HistoryOptions options = {});
  ~HistoryReader() override;
  HistoryReader(HistoryReader&&) noexcept;
  HistoryReader& operator=(HistoryReader&&) noexcept;

  /// The next message, its text as it goes onto pages; nothing at the end. Throws Error(io). After
  /// the end of a file that is followed it may be called again.
  std::optional<Message> next() override;
  /// By kind: pictures, encrypted text, what a session keeps books of.
  LeftOut left_out() const override;
  /// The bytes of a file; 0: of a pipe or stream.
  std::size_t expected_characters() const override;

  HistoryFormat format() const;
  std::size_t messages() const;  ///< that `next` gave so far
  std::size_t broken() const;    ///< parts so far that could not be read
  /// Share of the file read so far, 0..1; nothing when its size is not known.
  std::optional<double> share_read() const;
  /// Compares the file of that name with what was read of it.
  FileChange change() const;

 private:
  struct Impl;
  explicit HistoryReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Reads messages that a program has at hand, each as a chat API has it (OpenAI chat and Responses,
/// Anthropic, ShareGPT, Gemini, LangChain ...), in JSON. Remembers which tools were called, so that
/// their results can name them: one parser for each conversation. Movable; one thread at a time.
class ChatParser {
 public:
  ChatParser();
  ~ChatParser();
  ChatParser(ChatParser&&) noexcept;
  ChatParser& operator=(ChatParser&&) noexcept;

  /// The message; its "id" is its identity. Nothing where no text of it can be shown, such as
  /// encrypted reasoning. `name`: what errors call it. Throws Error(invalid_argument) for what is
  /// no JSON or no message.
  std::optional<Message> parse(std::string_view json, std::string_view name = "a message");
  /// What was left out on purpose so far.
  LeftOut left_out() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
