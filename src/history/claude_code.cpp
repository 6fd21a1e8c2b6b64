#include "src/history/claude_code.h"

namespace fovea {
namespace {

constexpr std::string_view kContinued = "This session is being continued from a previous conversation";

bool flag(const OrderedJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

bool has_type(const OrderedJson& part, std::string_view type) {
  return part.is_object() && string_at(part, "type") == type;
}

bool is_tool_result(const OrderedJson& content) {
  return content.is_array() && !content.empty() && has_type(content.front(), "tool_result");
}

bool is_summary(const OrderedJson& line, const OrderedJson& content) {
  return flag(line, "isCompactSummary") || content_text(content).starts_with(kContinued);
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + ", " + second;
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
  while (auto line = source_.take_line()) {
    ++line_;
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    const ParsedJson parsed = parse_json(*line);
    if (parsed.value.is_discarded()) {
      report(parsed.reason);
    } else if (auto message = read(parsed.value)) {
      return message;
    }
  }
  return std::nullopt;
}

std::optional<Message> ClaudeCodeReader::read(const OrderedJson& line) {
  const std::string type = line.is_object() ? string_at(line, "type") : std::string();
  if (type.empty()) {
    report("not an object with a \"type\"");
    return std::nullopt;
  }
  if (type == "user" || type == "assistant") return read_turn(line);

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
  open_message_.clear();
  return message;
}

std::optional<Message> ClaudeCodeReader::read_turn(const OrderedJson& line) {
  const auto inner = line.find("message");
  if (inner == line.end() || !inner->is_object() || !inner->contains("content")) {
    report("a " + string_at(line, "type") + " line without message.content");
    return std::nullopt;
  }
  const OrderedJson& content = (*inner)["content"];
  const std::string role = string_at(*inner, "role");
  const std::string id = string_at(*inner, "id");
  if (id.empty() || id != open_message_) open_head_.clear();
  open_message_ = id;

  Message message;
  message.role = role.empty() ? string_at(line, "type") : role;
  message.text = turn_text(line, message.role, content);
  message.time = time_of(line);
  message.source_id = string_at(line, "uuid");
  if (message.source_id.empty()) message.source_id = source_.name() + ":" + std::to_string(line_);
  if (message.text.empty()) return std::nullopt;
  return message;
}

std::string ClaudeCodeReader::turn_text(const OrderedJson& line, const std::string& role,
                                        const OrderedJson& content) {
  const std::string note = note_of(line, content);
  if (is_summary(line, content)) return said(header("summary", note), content_text(content));
  if (!content.is_array()) return said(header(role, note), content_text(content), true);
  std::string text;
  for (const auto& part : content) text += part_block(part, role, note);
  return text;
}

std::string ClaudeCodeReader::part_block(const OrderedJson& part, const std::string& role,
                                         const std::string& note) {
  if (has_type(part, "thinking")) {
    return said(header(role, joined("thinking", note)), string_at(part, "thinking"));
  }
  if (has_type(part, "redacted_thinking")) return {};
  if (has_type(part, "tool_use") || has_type(part, "server_tool_use")) {
    const std::string name = string_at(part, "name");
    call_names_[string_at(part, "id")] = name;
    const auto input = part.find("input");
    open_head_.clear();
    return block(header("tool call " + name, note),
                 input == part.end() ? "" : tool_input_text(*input), true);
  }
  if (part.is_object() && part.contains("tool_use_id")) return result_block(part, note);
  return said(header(role, note), content_text(OrderedJson::array({part})));
}

std::string ClaudeCodeReader::result_block(const OrderedJson& part, const std::string& note) {
  const auto called = call_names_.find(string_at(part, "tool_use_id"));
  const std::string name = called == call_names_.end() ? "" : " " + called->second;
  const auto content = part.find("content");
  open_head_.clear();
  return block(header("tool result" + name, joined(flag(part, "is_error") ? "error" : "", note)),
               content == part.end() ? "" : content_text(*content), true);
}

/// A block, without its header where the same answer's part before it has the same one.
std::string ClaudeCodeReader::said(const std::string& head, const std::string& text,
                                   bool even_empty) {
  if (text.empty() && !even_empty) return {};
  std::string whole = block(head, text, true);
  if (head == open_head_) whole.erase(0, head.size() + 2);
  open_head_ = head;
  return whole;
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
