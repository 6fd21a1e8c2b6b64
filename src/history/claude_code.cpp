#include "src/history/claude_code.h"

#include "src/history/json_line.h"

namespace fovea {
namespace {

constexpr std::string_view kContinued =
    "This session is being continued from a previous conversation";

bool flag(const OrderedJson& object, const char* key) { return member_at(object, key) == true; }

bool is_tool_result(const OrderedJson& content) {
  return content.is_array() && !content.empty() && is_block(content.front(), "tool_result");
}

bool is_summary(const OrderedJson& line, const OrderedJson& content) {
  if (flag(line, "isCompactSummary")) return true;
  return string_at(line, "type") == "user" && content_text(content).starts_with(kContinued);
}

}  // namespace

ClaudeShape claude_shape(const OrderedJson& value) {
  if (!value.is_object()) return ClaudeShape::none;
  const std::string type = string_at(value, "type");
  if (type.empty()) return ClaudeShape::none;
  if (type == "summary" && value.contains("leafUuid")) return ClaudeShape::message;
  const bool in_session = value.contains("sessionId") || value.contains("parentUuid");
  if ((type == "user" || type == "assistant") && in_session) return ClaudeShape::message;
  return in_session || (type == "file-history-snapshot" && value.contains("messageId"))
             ? ClaudeShape::bookkeeping
             : ClaudeShape::none;
}

std::optional<Message> ClaudeCodeReader::next() {
  while (const auto text = texts_.next()) {
    const ParsedJson parsed = parse_json(text->text);
    if (!text->whole || parsed.value.is_discarded()) {
      report(text->line, text->whole ? parsed.reason : "the file ends inside this message");
    } else if (auto message = read(parsed.value, *text)) {
      return message;
    }
  }
  return std::nullopt;
}

std::optional<Message> ClaudeCodeReader::read(const OrderedJson& line, const JsonText& text) {
  const std::string type = string_at(line, "type");
  if (type.empty()) {
    report(text.line, "not an object with a \"type\"");
    return std::nullopt;
  }
  if (type == "user" || type == "assistant") return read_turn(line, text);

  Message message;
  message.role = type;
  message.time = time_of(line);
  message.source_id = string_at(line, "uuid");
  if (type == "summary") {
    message.text = block("summary", string_at(line, "summary"));
    if (message.source_id.empty()) message.source_id = "summary of " + string_at(line, "leafUuid");
  } else if (type == "system") {
    message.text = block(header("system", string_at(line, "subtype")), string_at(line, "content"));
  }
  if (message.text.empty()) return std::nullopt;
  message.given = given_text(type, string_at(line, "subtype"),
                             member_at(line, type == "summary" ? "summary" : "content"));
  open_message_.clear();
  return message;
}

std::optional<Message> ClaudeCodeReader::read_turn(const OrderedJson& line, const JsonText& text) {
  const OrderedJson& inner = member_at(line, "message");
  if (!inner.is_object() || !inner.contains("content")) {
    report(text.line, "a " + string_at(line, "type") + " line without message.content");
    return std::nullopt;
  }
  const OrderedJson& content = inner["content"];
  const std::string role = string_at(inner, "role");
  const std::string id = string_at(inner, "id");
  if (id.empty() || id != open_message_) blocks_.close();
  open_message_ = id;

  Message message;
  message.role = role.empty() ? string_at(line, "type") : role;
  const std::string note = note_of(line, content);
  if (is_summary(line, content)) {
    message.role = "summary";
    message.text = blocks_.said(header("summary", note), content_text(content));
  } else {
    message.text = blocks_.text(content, message.role, note);
  }
  message.time = time_of(line);
  message.given = given_text(string_at(line, "type"), role, content);
  message.source_id = string_at(line, "uuid");
  if (message.source_id.empty()) message.source_id = source_.name() + ":" + text.place;
  if (message.text.empty()) return std::nullopt;
  return message;
}

std::string ClaudeCodeReader::note_of(const OrderedJson& line, const OrderedJson& content) {
  if (flag(line, "isSidechain")) return "sidechain";
  if (flag(line, "isMeta")) return "meta";
  const std::string parent = string_at(line, "parentUuid");
  const bool is_prompt = string_at(line, "type") == "user" && !is_tool_result(content);
  if (!is_prompt || parent.empty()) return {};
  const bool first = prompted_.insert(std::hash<std::string>{}(parent)).second;
  return first ? "" : "rewound";
}

}  // namespace fovea
