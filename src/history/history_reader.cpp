#include "history/history_reader.h"

#include <array>
#include <filesystem>
#include <utility>

#include "fovea/error.h"
#include "history/chat_reader.h"
#include "history/claude_code.h"
#include "history/codex.h"
#include "history/detect.h"
#include "history/json_texts.h"
#include "history/plain_text.h"
#include "history/source_ids.h"

namespace fovea {
namespace {

using Named = std::pair<HistoryFormat, std::string_view>;
constexpr std::array kFormats = {
    Named{HistoryFormat::automatic, "auto"},
    Named{HistoryFormat::text, "text"},
    Named{HistoryFormat::openai, "openai"},
    Named{HistoryFormat::responses, "responses"},
    Named{HistoryFormat::anthropic, "anthropic"},
    Named{HistoryFormat::sharegpt, "sharegpt"},
    Named{HistoryFormat::claude_code, "claude-code"},
    Named{HistoryFormat::codex, "codex"},
    Named{HistoryFormat::gemini, "gemini"},
    Named{HistoryFormat::langchain, "langchain"},
    Named{HistoryFormat::opencode, "opencode"},
    Named{HistoryFormat::vercel, "vercel"},
};

/// What tells files of one name apart. All pipes are one stream: nobody knows what feeds them.
std::string stream_name(const std::string& path) {
  std::error_code error;
  if (path == "-" || !std::filesystem::is_regular_file(path, error)) return "stdin";
  const auto full = std::filesystem::canonical(path, error);
  return error ? path : full.string();
}

std::unique_ptr<HistoryReader> make_reader(ByteSource source, HistoryFormat format,
                                           BrokenHandler broken) {
  if (!broken) broken = [](const BrokenPart&) {};
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

HistoryReader::HistoryReader(ByteSource source, HistoryFormat format, BrokenHandler broken)
    : source_(std::move(source)),
      format_(format),
      broken_(std::move(broken)),
      stream_(stream_name(source_.path())) {}

/// Claude Code names each line by a UUID of its own; of other programs' ids many are counters or the
/// same for all.
bool HistoryReader::has_own_id(const Message& message) const {
  if (message.place) return false;
  const std::string& id = message.source_id;
  if (id.starts_with(source_.name() + ":")) return false;
  return format_ == HistoryFormat::claude_code || is_unique_id(id);
}

std::optional<Message> HistoryReader::next() {
  auto message = read_next();
  if (!message || has_own_id(*message)) return message;
  if (!message->place) message->place.emplace();
  message->place->stream = stream_;
  message->place->number = ++number_;
  if (!message->place->offset) {
    const std::string& given = message->given.empty() ? message->text : message->given;
    message->place->occurrence = ++given_[std::hash<std::string>{}(given)];
  }
  return message;
}

HistoryFormat history_format_from_name(std::string_view name) {
  std::string known;
  for (const auto& [format, its_name] : kFormats) {
    if (its_name == name) return format;
    (known += known.empty() ? "" : ", ") += its_name;
  }
  throw Error(ErrorCode::invalid_argument,
              "format \"" + std::string(name) + "\" does not exist; choose one of " + known);
}

std::string_view name_of(HistoryFormat format) {
  for (const auto& [named, its_name] : kFormats) {
    if (named == format) return its_name;
  }
  return "auto";
}

std::unique_ptr<HistoryReader> open_history(const std::string& path, HistoryFormat format,
                                            BrokenHandler broken) {
  ByteSource source(path);
  if (format == HistoryFormat::automatic) format = detect_format(source).format;
  return make_reader(std::move(source), format, std::move(broken));
}

std::unique_ptr<HistoryReader> follow_history(const std::string& path, HistoryFormat format,
                                              BrokenHandler broken) {
  ByteSource source(path, Following::yes);
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
