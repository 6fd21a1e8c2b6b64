#include "src/history/history_reader.h"

#include "fovea/error.h"
#include "src/history/byte_source.h"
#include "src/history/claude_code.h"
#include "src/history/detect.h"
#include "src/history/openai_chat.h"
#include "src/history/plain_text.h"

namespace fovea {

HistoryFormat history_format_from_name(std::string_view name) {
  for (HistoryFormat format : {HistoryFormat::automatic, HistoryFormat::text, HistoryFormat::openai,
                               HistoryFormat::claude_code}) {
    if (name_of(format) == name) return format;
  }
  throw Error(ErrorCode::invalid_argument, "format \"" + std::string(name) +
                                               "\" does not exist; choose auto, text, openai or "
                                               "claude-code");
}

std::string_view name_of(HistoryFormat format) {
  switch (format) {
    case HistoryFormat::text: return "text";
    case HistoryFormat::openai: return "openai";
    case HistoryFormat::claude_code: return "claude-code";
    case HistoryFormat::automatic: break;
  }
  return "auto";
}

std::unique_ptr<HistoryReader> open_history(const std::string& path, HistoryFormat format,
                                            std::function<void(const BrokenPart&)> broken) {
  if (!broken) broken = [](const BrokenPart&) {};
  ByteSource source(path);
  if (format == HistoryFormat::automatic) format = detect_format(source);
  switch (format) {
    case HistoryFormat::openai:
      return std::make_unique<OpenAiReader>(std::move(source), std::move(broken));
    case HistoryFormat::claude_code:
      return std::make_unique<ClaudeCodeReader>(std::move(source), std::move(broken));
    default: return std::make_unique<PlainTextReader>(std::move(source));
  }
}

}  // namespace fovea
