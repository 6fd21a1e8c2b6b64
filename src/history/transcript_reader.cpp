#include "history/transcript_reader.h"

#include <filesystem>
#include <utility>

#include "history/chat_reader.h"
#include "history/claude_code.h"
#include "history/codex.h"
#include "history/detect.h"
#include "history/json_texts.h"
#include "history/plain_text.h"
#include "history/source_ids.h"

namespace fovea {
namespace {

/// What tells files of one name apart. All pipes are one stream: nobody knows what feeds them.
std::string stream_name(const ByteSource& source) {
  if (!source.is_file()) return source.path();
  const std::string& path = source.path();
  std::error_code error;
  if (path == "-" || !std::filesystem::is_regular_file(path, error)) return "stdin";
  const auto full = std::filesystem::canonical(path, error);
  return error ? path : full.string();
}

std::unique_ptr<TranscriptReader> make_reader(ByteSource source, HistoryFormat format,
                                              BrokenHandler broken) {
  switch (format) {
    case HistoryFormat::automatic:
    case HistoryFormat::text:
      return std::make_unique<PlainTextReader>(std::move(source), std::move(broken));
    case HistoryFormat::claude_code:
      return std::make_unique<ClaudeCodeReader>(std::move(source), std::move(broken));
    case HistoryFormat::codex:
      return std::make_unique<CodexReader>(std::move(source), std::move(broken));
    default: return std::make_unique<ChatReader>(std::move(source), format, std::move(broken));
  }
}

}  // namespace

TranscriptReader::TranscriptReader(ByteSource source, HistoryFormat format, BrokenHandler broken)
    : source_(std::move(source)),
      format_(format),
      broken_(std::move(broken)),
      stream_(stream_name(source_)) {}

void TranscriptReader::report(std::size_t line, std::string reason) {
  ++broken_parts_;
  if (broken_) broken_({line, std::move(reason)});
}

/// Claude Code names each line by a UUID of its own; of other programs' ids many are counters or
/// the same for all.
bool TranscriptReader::has_own_id(const Message& message) const {
  if (message.place) return false;
  const std::string& id = message.source_id;
  if (id.starts_with(source_.name() + ":")) return false;
  return format_ == HistoryFormat::claude_code || is_unique_id(id);
}

std::optional<Message> TranscriptReader::next() {
  auto message = read_next();
  if (!message) return message;
  ++messages_;
  if (has_own_id(*message)) return message;
  if (!message->place) message->place.emplace();
  message->place->stream = stream_;
  message->place->number = ++number_;
  if (!message->place->offset) {
    const std::string& given = message->given.empty() ? message->text : message->given;
    message->place->occurrence = ++given_[std::hash<std::string>{}(given)];
  }
  return message;
}

std::unique_ptr<TranscriptReader> open_transcript(ByteSource source, HistoryFormat format,
                                                  BrokenHandler broken) {
  if (format == HistoryFormat::automatic) format = detect_format(source).format;
  return make_reader(std::move(source), format, std::move(broken));
}

std::unique_ptr<TranscriptReader> follow_transcript(ByteSource source, HistoryFormat format,
                                                    BrokenHandler broken) {
  if (format == HistoryFormat::automatic) {
    const Detection found = detect_format(source);
    if (!found.sure) return nullptr;
    format = found.format;
  } else if (format != HistoryFormat::text &&
             json_layout(source.peek(kLayoutLookAhead), false) == JsonLayout::undecided) {
    return nullptr;
  }
  return make_reader(std::move(source), format, std::move(broken));
}

}  // namespace fovea
