#include "src/history/detect.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "src/history/chat_messages.h"
#include "src/history/claude_code.h"
#include "src/history/codex.h"
#include "src/history/json_line.h"

namespace fovea {
namespace {

constexpr std::size_t kLookAhead = 1 << 20;
constexpr std::size_t kLongestFirstText = 1 << 26;
constexpr int kTextsJudged = 64;
constexpr std::size_t kMessagesJudged = 16;  // of a conversation

struct Evidence {
  int texts = 0;  ///< lines or entries seen
  int chat = 0;   ///< messages and conversations
  int codex = 0;
  int claude = 0;           ///< lines of a session file of any kind
  int claude_messages = 0;  ///< those that are messages or summaries
  std::map<ChatKind, int> kinds;
};

/// What stands beside a list of messages tells whose request or reply it is.
void judge_members(const OrderedJson& value, Evidence& evidence) {
  if (value.contains("system") || value.contains("anthropic_version")) {
    ++evidence.kinds[ChatKind::anthropic];
  }
  if (value.contains("instructions") || value.contains("previous_response_id") ||
      string_at(value, "object") == "response") {
    ++evidence.kinds[ChatKind::responses];
  }
}

bool judge_list(const OrderedJson& list, Evidence& evidence) {
  if (!list.is_array()) return false;
  std::size_t seen = 0;
  for (const auto& message : list) {
    const ChatKind kind = chat_kind(message);
    if (kind == ChatKind::none && seen == 0) return false;
    ++evidence.kinds[kind];
    if (++seen == kMessagesJudged) break;
  }
  return seen > 0;
}

void judge_conversation(const OrderedJson& value, Evidence& evidence) {
  if (!value.is_object() || value.contains("type")) return;
  bool found = string_at(value, "object") == "response" ||
               (value.contains("model") && member_at(value, "input").is_string());
  if (found) ++evidence.kinds[ChatKind::responses];
  for (const auto& [key, member] : value.items()) {
    if (is_message_list(key)) found = judge_list(member, evidence) || found;
  }
  if (!found) return;
  ++evidence.chat;
  judge_members(value, evidence);
}

void judge(const JsonText& text, Evidence& evidence) {
  const bool is_head = text.part == JsonText::Part::head;
  if (!is_head) ++evidence.texts;
  const ParsedJson parsed = parse_json(text.text);
  if (parsed.value.is_discarded()) return;
  if (is_head) return judge_members(parsed.value, evidence);
  if (is_codex_line(parsed.value)) ++evidence.codex;
  const ClaudeShape shape = claude_shape(parsed.value);
  if (shape != ClaudeShape::none) ++evidence.claude;
  if (shape == ClaudeShape::message) ++evidence.claude_messages;
  const ChatKind kind = chat_kind(parsed.value);
  if (kind == ChatKind::none) return judge_conversation(parsed.value, evidence);
  ++evidence.chat;
  ++evidence.kinds[kind];
}

void judge_lines(std::string_view ahead, bool at_end, Evidence& evidence) {
  while (evidence.texts < kTextsJudged && !ahead.empty()) {
    const std::size_t end = ahead.find('\n');
    if (end == std::string_view::npos && !at_end) return;  // the line goes on
    const std::string_view line = ahead.substr(0, end);
    ahead.remove_prefix(end == std::string_view::npos ? ahead.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    JsonText text;
    text.text = line;
    judge(text, evidence);
  }
}

void judge_document(std::string_view ahead, Evidence& evidence) {
  bool given = false;
  JsonSplitter splitter(
      [&] { return std::exchange(given, true) ? std::string() : std::string(ahead); }, true);
  while (evidence.texts < kTextsJudged) {
    const auto text = splitter.next();
    if (!text) return;
    judge(*text, evidence);
  }
}

bool is_named_as_lines(std::string_view name) {
  return name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

HistoryFormat chat_format(const Evidence& evidence) {
  HistoryFormat best = HistoryFormat::openai;  // plain messages are read as OpenAI's
  int most = 0;
  for (const auto& [kind, format] : {std::pair{ChatKind::openai, HistoryFormat::openai},
                                     std::pair{ChatKind::anthropic, HistoryFormat::anthropic},
                                     std::pair{ChatKind::responses, HistoryFormat::responses},
                                     std::pair{ChatKind::sharegpt, HistoryFormat::sharegpt}}) {
    const auto found = evidence.kinds.find(kind);
    if (found == evidence.kinds.end() || found->second <= most) continue;
    most = found->second;
    best = format;
  }
  return best;
}

HistoryFormat verdict(const Evidence& evidence, std::string_view name) {
  const int needed = is_named_as_lines(name) ? 1 : (evidence.texts + 1) / 2;
  if (evidence.codex > 0 && evidence.codex >= needed) return HistoryFormat::codex;
  if (evidence.claude_messages > 0 && evidence.claude >= std::max(needed, evidence.chat)) {
    return HistoryFormat::claude_code;
  }
  return evidence.chat > 0 && evidence.chat >= needed ? chat_format(evidence) : HistoryFormat::text;
}

/// More may come, and what is there may be the beginning of a transcript.
bool is_undecided(const Evidence& evidence, std::string_view ahead, JsonLayout layout) {
  if (layout == JsonLayout::undecided || ahead.find('\n') == std::string_view::npos) return true;
  const char first = ahead[ahead.find_first_not_of(" \t\r\n\xEF\xBB\xBF")];
  return evidence.texts < kTextsJudged && (first == '{' || first == '[');
}

}  // namespace

Detection detect_format(ByteSource& source) {
  for (std::size_t bytes = kLookAhead;; bytes *= 8) {
    const std::string_view ahead = source.peek(bytes);
    const bool at_end = ahead.size() < bytes && !source.follows();
    const JsonLayout layout = json_layout(ahead, at_end);
    Evidence evidence;
    if (layout == JsonLayout::document) {
      judge_document(ahead, evidence);
    } else {
      judge_lines(ahead, at_end, evidence);
    }
    if (evidence.texts == 0 && ahead.size() == bytes && bytes < kLongestFirstText) continue;
    const HistoryFormat format = verdict(evidence, source.name());
    const bool may_change = source.follows() && format == HistoryFormat::text;
    return {format, !may_change || !is_undecided(evidence, ahead, layout)};
  }
}

}  // namespace fovea
