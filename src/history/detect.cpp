#include "history/detect.h"

#include <map>
#include <string_view>
#include <utility>

#include "history/chat_messages.h"
#include "history/claude_code.h"
#include "history/codex.h"
#include "history/json_parser.h"
#include "history/json_texts.h"

namespace fovea {
namespace {

constexpr std::size_t kTextsJudged = 64;       // from the first message on
constexpr std::size_t kBytesJudged = 1 << 20;  // from there on
constexpr std::size_t kMessagesJudged = 16;    // of a conversation
constexpr std::size_t kOtherLines = 1024;      // that a file of JSON lines may begin with

struct Evidence {
  std::size_t texts = 0;    ///< lines or entries seen
  std::size_t objects = 0;  ///< those that are JSON objects
  std::size_t chat = 0;     ///< messages and conversations
  std::size_t codex = 0;
  std::size_t claude = 0;           ///< lines of a session file of any kind
  std::size_t claude_messages = 0;  ///< those that are messages or summaries
  std::map<ChatKind, int> kinds;

  /// Before the first message: what a session's bookkeeping may have filled.
  std::size_t texts_before = 0, objects_before = 0, bytes_before = 0;

  bool has_message() const { return chat > 0 || codex > 0 || claude_messages > 0; }
};

/// What stands beside a list of messages tells whose request or reply it is.
void judge_members(const JsonValue& value, Evidence& evidence) {
  if (value.contains("system") || value.contains("anthropic_version")) {
    ++evidence.kinds[ChatKind::anthropic];
  }
  if (value.contains("instructions") || value.contains("previous_response_id") ||
      value.text_at("object") == "response") {
    ++evidence.kinds[ChatKind::responses];
  }
}

bool judge_list(const JsonValue& list, Evidence& evidence) {
  std::size_t seen = 0;
  for (const JsonValue& message : list.elements()) {
    const ChatKind kind = chat_kind(message);
    if (kind == ChatKind::none && seen == 0) return false;
    ++evidence.kinds[kind];
    if (++seen == kMessagesJudged) break;
  }
  return seen > 0;
}

void judge_conversation(const JsonValue& value, Evidence& evidence) {
  if (value.contains("type")) return;
  bool found = value.text_at("object") == "response" ||
               (value.contains("model") && value["input"].is_string());
  if (found) ++evidence.kinds[ChatKind::responses];
  for (const auto& [key, member] : value.members()) {
    if (is_message_list(key)) found = judge_list(member, evidence) || found;
  }
  if (!found) return;
  ++evidence.chat;
  judge_members(value, evidence);
}

void judge(const JsonText& text, Evidence& evidence) {
  const bool is_head = text.part == JsonText::Part::head;
  if (!is_head) ++evidence.texts;
  // What follows the first value of a line is a record of its own.
  const ParsedJson parsed = parse_json_at_front(text.text);
  if (!parsed.value.is_object()) return;
  if (is_head) return judge_members(parsed.value, evidence);
  ++evidence.objects;
  if (is_codex_line(parsed.value)) ++evidence.codex;
  const ClaudeShape shape = claude_shape(parsed.value);
  if (shape != ClaudeShape::none) ++evidence.claude;
  if (shape == ClaudeShape::message) ++evidence.claude_messages;
  const ChatKind kind = chat_kind(parsed.value);
  if (kind == ChatKind::none) return judge_conversation(parsed.value, evidence);
  ++evidence.chat;
  ++evidence.kinds[kind];
}

bool is_named_as_lines(std::string_view name) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  return name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

/// Has enough been seen? Not before a message has, as long as there are objects that could lead to
/// one.
bool is_enough(const Evidence& evidence, const ByteSource& source) {
  if (!source.may_look_on()) return true;
  if (evidence.has_message()) {
    return evidence.texts >= evidence.texts_before + kTextsJudged ||
           source.offset() >= evidence.bytes_before + kBytesJudged;
  }
  if (evidence.objects == 0) {
    const std::size_t others = is_named_as_lines(source.name()) ? kOtherLines : kTextsJudged;
    return evidence.texts >= others || source.offset() >= 4 * kBytesJudged;
  }
  return evidence.texts >= kTextsJudged && !is_named_as_lines(source.name()) &&
         2 * evidence.objects < evidence.texts;
}

/// A list or an object that is no JSON after all need not be looked through.
bool may_be_json(std::string_view ahead) {
  const auto skip = [&](std::string_view what) {
    const std::size_t next = ahead.find_first_not_of(what);
    ahead = next == std::string_view::npos ? std::string_view() : ahead.substr(next);
  };
  constexpr std::string_view kSpaces("\xEF\xBB\xBF \t\r\n\0", 8);
  skip(kSpaces);
  if (ahead.empty()) return true;
  const char bracket = ahead.front();
  ahead.remove_prefix(1);
  skip(kSpaces);
  if (ahead.empty()) return true;
  return ahead.front() == '"' || ahead.front() == '}' ||
         (bracket == '[' && (ahead.front() == '{' || ahead.front() == '[' || ahead.front() == ']'));
}

HistoryFormat chat_format(const Evidence& evidence) {
  HistoryFormat best = HistoryFormat::openai;  // plain messages are read as OpenAI's
  int most = 0;
  for (const auto& [kind, format] : {std::pair{ChatKind::openai, HistoryFormat::openai},
                                     std::pair{ChatKind::anthropic, HistoryFormat::anthropic},
                                     std::pair{ChatKind::responses, HistoryFormat::responses},
                                     std::pair{ChatKind::sharegpt, HistoryFormat::sharegpt},
                                     std::pair{ChatKind::gemini, HistoryFormat::gemini},
                                     std::pair{ChatKind::langchain, HistoryFormat::langchain},
                                     std::pair{ChatKind::opencode, HistoryFormat::opencode},
                                     std::pair{ChatKind::vercel, HistoryFormat::vercel}}) {
    const auto found = evidence.kinds.find(kind);
    if (found == evidence.kinds.end() || found->second <= most) continue;
    most = found->second;
    best = format;
  }
  return best;
}

HistoryFormat verdict(const Evidence& evidence, std::string_view name) {
  const bool lines = is_named_as_lines(name);
  if (!lines && 2 * evidence.objects < evidence.texts) return HistoryFormat::text;
  if (evidence.codex > 0 && evidence.codex >= evidence.chat) return HistoryFormat::codex;
  // Bookkeeping alone makes a session, too: one of no messages.
  const bool is_session = evidence.claude_messages > 0
                              ? evidence.claude >= evidence.chat
                              : evidence.claude > 0 && evidence.claude == evidence.texts &&
                                    evidence.chat == 0;
  if (is_session) return HistoryFormat::claude_code;
  const std::size_t of = lines ? evidence.objects - evidence.objects_before
                               : evidence.texts - evidence.texts_before;
  const bool is_chat = evidence.chat > 0 && 2 * evidence.chat >= of;
  return is_chat ? chat_format(evidence) : HistoryFormat::text;
}

/// Looks at texts until enough has been seen; false at the end.
bool look(ByteSource& source, JsonTexts& texts, Evidence& evidence) {
  while (!is_enough(evidence, source)) {
    if (!evidence.has_message()) {
      evidence.texts_before = evidence.texts;
      evidence.objects_before = evidence.objects;
      evidence.bytes_before = source.offset();
    }
    const auto text = texts.next();
    if (!text) return false;
    judge(*text, evidence);
  }
  return true;
}

}  // namespace

Detection detect_format(ByteSource& source) {
  const std::string_view ahead = source.peek(kLayoutLookAhead);
  const bool at_end = ahead.size() < kLayoutLookAhead && !source.follows();
  const JsonLayout layout = json_layout(ahead, at_end);
  if (layout == JsonLayout::document && !may_be_json(ahead)) return {HistoryFormat::text, true};
  if (layout == JsonLayout::undecided) return {HistoryFormat::text, false};
  const std::string name = source.name();
  Evidence evidence;
  source.begin_look();
  JsonTexts texts(source);
  const bool enough = look(source, texts, evidence);
  source.end_look();
  // As long as a file that grows has shown no message, it may become any transcript.
  const bool may_change = source.follows() && !enough && !evidence.has_message() &&
                          (evidence.texts == 0 || evidence.objects > 0);
  return {may_change ? HistoryFormat::text : verdict(evidence, name), !may_change};
}

}  // namespace fovea
