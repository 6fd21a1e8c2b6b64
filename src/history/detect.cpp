#include "src/history/detect.h"

#include <string_view>

#include "src/history/claude_code.h"
#include "src/history/json_line.h"
#include "src/history/openai_chat.h"

namespace fovea {
namespace {

constexpr std::size_t kLookAhead = 1 << 20;
constexpr std::size_t kLongestFirstLine = 1 << 26;
constexpr int kLinesJudged = 64;

struct Evidence {
  int lines = 0;
  int openai = 0;
  int claude = 0;           ///< lines of a session file of any kind
  int claude_messages = 0;  ///< those that are messages or summaries
};

/// Takes the next line off `text`. Nothing when it has no end and more of the file follows.
std::optional<std::string_view> cut_line(std::string_view& text, bool at_end) {
  const std::size_t end = text.find('\n');
  if (text.empty() || (end == std::string_view::npos && !at_end)) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void judge(std::string_view line, Evidence& evidence) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  ++evidence.lines;
  const ParsedJson parsed = parse_json(line);
  if (parsed.value.is_discarded()) return;
  if (is_openai_message(parsed.value) || is_openai_conversation(parsed.value)) ++evidence.openai;
  const ClaudeShape shape = claude_shape(parsed.value);
  if (shape != ClaudeShape::none) ++evidence.claude;
  if (shape == ClaudeShape::message) ++evidence.claude_messages;
}

Evidence judge_lines(std::string_view ahead, bool at_end) {
  Evidence evidence;
  while (evidence.lines < kLinesJudged) {
    const auto line = cut_line(ahead, at_end);
    if (!line) break;
    judge(*line, evidence);
  }
  return evidence;
}

/// End of the JSON object that `text` begins with; npos when it does not end in `text`.
std::size_t object_end(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

bool is_openai_list(std::string_view text) {
  const std::size_t open = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (open == std::string_view::npos || text[open] != '[') return false;
  const std::size_t first = text.find_first_not_of(" \t\r\n", open + 1);
  if (first == std::string_view::npos || text[first] != '{') return false;
  const std::string_view element = text.substr(first);
  const std::size_t end = object_end(element);
  if (end == std::string_view::npos) return false;
  const ParsedJson parsed = parse_json(element.substr(0, end));
  return !parsed.value.is_discarded() &&
         (is_openai_message(parsed.value) || is_openai_conversation(parsed.value));
}

bool is_named_as_lines(std::string_view name) {
  return name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

}  // namespace

HistoryFormat detect_format(ByteSource& source) {
  std::size_t bytes = kLookAhead;
  std::string_view ahead = source.peek(bytes);
  if (ahead.size() == bytes && ahead.find('\n') == std::string_view::npos) {
    bytes = kLongestFirstLine;
    ahead = source.peek(bytes);
  }
  if (is_openai_list(ahead)) return HistoryFormat::openai;

  const Evidence evidence = judge_lines(ahead, ahead.size() < bytes);
  const int needed = is_named_as_lines(source.name()) ? 1 : (evidence.lines + 1) / 2;
  if (evidence.claude_messages > 0 && evidence.claude >= std::max(needed, evidence.openai)) {
    return HistoryFormat::claude_code;
  }
  return evidence.openai > 0 && evidence.openai >= needed ? HistoryFormat::openai
                                                          : HistoryFormat::text;
}

}  // namespace fovea
