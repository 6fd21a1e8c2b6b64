#include "history/claude_code.h"

#include "history/block.h"
#include "history/dates.h"
#include "history/one_of.h"
#include "history/parts.h"

namespace fovea {
namespace {

constexpr std::string_view kContinued =
    "This session is being continued from a previous conversation";

/// Lines that keep Claude Code's books; what they say stands in other lines.
constexpr std::string_view kBookkeeping[] = {
    "file-history-snapshot", "progress",       "tool_progress",   "stream_event",
    "rate_limit_event",      "last-prompt",    "mode",            "permission-mode",
    "agent-color",           "agent-setting",  "worktree-state",  "bridge-session",
    "atis-latch",            "cost-state",     "keep_alive",      "attribution-snapshot",
    "content-replacement",   "tool_use_summary"};

/// System lines of the same kind, by subtype.
constexpr std::string_view kSystemBookkeeping[] = {
    "init",         "turn_duration", "thinking_tokens", "task_started",  "task_progress",
    "task_updated", "status",        "hook_started",    "hook_progress", "background_tasks_changed",
    "session_state_changed", "files_persisted"};

/// Attachments that Claude Code gives the model by itself, again and again.
constexpr std::string_view kReminders[] = {
    "skill_listing",        "dynamic_skill",         "invoked_skills",     "nested_memory",
    "relevant_memories",    "memory",                "command_permissions", "deferred_tools_delta",
    "agent_listing_delta",  "mcp_instructions_delta", "token_usage",        "output_token_usage",
    "budget_usd",           "total_tokens_reminder", "todo_reminder",       "task_reminder",
    "todo",                 "critical_system_reminder", "date_change",      "date",
    "plan_mode",            "plan_mode_exit",        "plan_mode_reentry",   "auto_mode",
    "auto_mode_exit",       "output_style",          "compaction_reminder", "verify_plan_reminder",
    "ultra_effort_enter",   "ultra_effort_exit",     "environment",         "model",
    "context_efficiency",   "hook_permission_decision"};

/// What frames a message in every line of a session.
constexpr std::string_view kFrame[] = {
    "type", "subtype", "message", "uuid", "parentUuid", "logicalParentUuid", "sessionId",
    "session_id", "timestamp", "cwd", "gitBranch", "version", "userType", "isSidechain", "isMeta",
    "slug",
    "requestId", "request_id", "toolUseResult", "tool_use_result", "thinkingMetadata", "todos",
    "imagePasteIds", "permissionMode", "level", "content", "attachment", "origin", "effort",
    "parent_tool_use_id", "toolUseID", "parentToolUseID", "entrypoint", "compactMetadata",
    "task_description", "hookInfos", "subagent_type", "mcpMeta", "agentName", "teamName",
    "apiErrorStatus"};

/// And the message in it.
constexpr std::string_view kMessageFrame[] = {
    "role", "content", "id", "type", "model", "stop_reason", "stop_sequence", "usage", "container",
    "context_management", "diagnostics"};

bool has_words(std::string_view text) { return !text.empty(); }

bool is_tool_result(const JsonValue& content) {
  return !content.elements().empty() && is_result(content.elements().front());
}

/// The texts of a content, without pictures and what else stands there.
std::string plain_text_of(const JsonValue& content) {
  if (content.is_string()) return content.text();
  std::string text;
  for (const JsonValue& part : content.elements()) {
    text = on_lines(std::move(text), part.is_string() ? part.text() : part.text_at("text"));
  }
  return text;
}

std::size_t hash_of(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return 0;
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return std::hash<std::string_view>{}(std::string_view(text).substr(first, last - first + 1));
}

bool is_summary(const JsonValue& line, const JsonValue& content) {
  if (line["isCompactSummary"].is_true()) return true;
  return line.text_at("type") == "user" && plain_text_of(content).starts_with(kContinued);
}

bool names_session(const JsonValue& value) {
  return value.contains("sessionId") || value.contains("session_id") ||
         value.contains("parentUuid");
}

/// Could it be a line of a session?
bool is_line(const JsonValue& value) { return claude_shape(value) != ClaudeShape::none; }

}  // namespace

ClaudeShape claude_shape(const JsonValue& value) {
  const std::string& type = value.text_at("type");
  if (type.empty()) return ClaudeShape::none;
  if (type == "summary" && value.contains("leafUuid")) return ClaudeShape::message;
  const bool in_session = names_session(value);
  const bool speaks = type == "user" || type == "assistant";
  if (speaks && in_session && value["message"].is_object()) return ClaudeShape::message;
  return in_session || (type == "file-history-snapshot" && value.contains("messageId"))
             ? ClaudeShape::bookkeeping
             : ClaudeShape::none;
}

ClaudeCodeReader::ClaudeCodeReader(ByteSource source, BrokenHandler broken)
    : TranscriptReader(std::move(source), HistoryFormat::claude_code, std::move(broken)),
      records_(source_, is_line, [this](auto line, auto reason) { report(line, reason); }) {}

std::optional<Message> ClaudeCodeReader::read_next() {
  while (const auto record = records_.next()) {
    if (auto message = read(*record)) return message;
  }
  return std::nullopt;
}

std::optional<Message> ClaudeCodeReader::read(const JsonRecord& record) {
  const JsonValue& line = record.value;
  const std::string& type = line.text_at("type");
  if (!line.is_object()) return read_value(line, record);
  if (type == "user" || type == "assistant") return read_turn(line, record);
  if (type == "progress") return read_progress(line, record);
  if (type == "attachment") return read_attachment(line, record);
  if (type == "queue-operation") return read_queued(line, record);
  if (type == "result") return read_result(line, record);
  return read_other(line, record);
}

std::optional<Message> ClaudeCodeReader::read_turn(const JsonValue& line,
                                                   const JsonRecord& record) {
  const JsonValue& inner = line["message"];
  const JsonValue& content = inner.is_object() ? inner["content"] : inner;
  const std::string more = unknown_fields(line, kFrame) + unknown_fields(inner, kMessageFrame);
  if (content.is_null() && more.empty()) {
    report(record.line, "a " + line.text_at("type") + " line without message.content");
    return std::nullopt;
  }
  const std::string& id = inner.text_at("id");
  if (id.empty() || id != open_message_) blocks_.close();
  open_message_ = id;

  std::string role = inner.text_at("role");
  if (role.empty()) role = line.text_at("type");
  const std::string note = note_of(line, content);
  if (role == "user" && !is_tool_result(content) && !is_new_prompt(content)) {
    return leave_out("queued prompt, read before");
  }
  std::string text;
  if (is_summary(line, content)) {
    role = "summary";
    text = blocks_.said(header("summary", note), content_text(content, talk_.left_out));
  } else if (!content.is_null()) {
    text = blocks_.text(content, role, note, talk_);
  }
  text += blocks_.said(header(role, joined("more", note)), more);
  if (text.empty()) return std::nullopt;
  if (role == "assistant") last_answer_ = plain_text_of(content);
  if (is_all_results(content)) role = "tool";
  Message message = *message_of(line, record, role, {}, text);
  message.given = given_text(line.text_at("type"), inner.text_at("role"), content);
  return message;
}

/// Of progress only what a sub-agent said is told nowhere else.
std::optional<Message> ClaudeCodeReader::read_progress(const JsonValue& line,
                                                       const JsonRecord& record) {
  const JsonValue& inner = line["data"]["message"];
  if (!inner["message"].is_object()) return leave_out("progress");
  JsonValue turn = inner;
  turn.add("isSidechain", true);
  return read_turn(turn, record);
}

std::optional<Message> ClaudeCodeReader::read_attachment(const JsonValue& line,
                                                         const JsonRecord& record) {
  const JsonValue& attachment = line["attachment"];
  const std::string& type = attachment.text_at("type");
  if (type == "queued_command") {
    const JsonValue& prompt = attachment["prompt"];
    if (!is_new_prompt(prompt)) return leave_out("queued prompt, read before");
    const std::string& mode = attachment.text_at("commandMode");
    blocks_.close();
    return message_of(line, record, "user", {},
                      blocks_.text(prompt, "user", mode == "prompt" ? "" : mode, talk_));
  }
  if (is_one_of(type, kReminders)) return leave_out(type);
  std::string text;
  if (type == "hook_success") {  // says which hook ran, even where it printed nothing
    for (const std::string_view key : {"content", "stdout", "stderr"}) {
      const std::string said = content_text(attachment[key], talk_.left_out);
      if (said != text) text = on_lines(std::move(text), said);
    }
  } else {
    text = rest_text(attachment, {"type"}, talk_.left_out);
  }
  if (text.find_first_not_of(" \n") == std::string::npos) return leave_out(type);
  return message_of(line, record, "attachment", header("attachment", type), text);
}

/// What was typed while Claude worked. It may come again, as a prompt or an attachment.
std::optional<Message> ClaudeCodeReader::read_queued(const JsonValue& line,
                                                     const JsonRecord& record) {
  const JsonValue& content = line["content"];
  const std::string text = plain_text_of(content);
  if (line.text_at("operation") != "enqueue" || text.empty()) return leave_out("queue-operation");
  ++queued_[hash_of(text)];
  blocks_.close();
  auto message = message_of(line, record, "user", {}, blocks_.text(content, "user", {}, talk_));
  blocks_.close();
  message->source_id = "queued " + line.text_at("sessionId") + " " + line.text_at("timestamp");
  return message;
}

/// The end of a run: its answer again, or why there is none.
std::optional<Message> ClaudeCodeReader::read_result(const JsonValue& line,
                                                     const JsonRecord& record) {
  const std::string& answer = line.text_at("result");
  std::string text = answer == last_answer_ ? std::string() : answer;
  text = on_lines(std::move(text), content_text(line["errors"], talk_.left_out));
  if (text.empty()) return leave_out("result");
  return message_of(line, record, "result", header("result", line.text_at("subtype")), text);
}

std::optional<Message> ClaudeCodeReader::read_other(const JsonValue& line,
                                                    const JsonRecord& record) {
  const std::string& type = line.text_at("type");
  const std::string& subtype = line.text_at("subtype");
  const bool is_system = type == "system";
  if (is_one_of(type, kBookkeeping)) return leave_out(type);
  if (is_system && is_one_of(subtype, kSystemBookkeeping)) return leave_out("system " + subtype);

  std::string text = line.text_at("summary");
  if (type != "summary") {
    text = content_text(line["content"], talk_.left_out);
    text = on_lines(std::move(text), unknown_fields(line, kFrame));
  }
  if (type.empty() && text.empty()) {
    report(record.line, "not an object with a \"type\"");
    return std::nullopt;
  }
  const std::string kind = type.empty() ? "other" : type;
  if (text.empty()) return leave_out(kind);
  auto message = message_of(line, record, kind, header(kind, subtype), text);
  if (line.text_at("uuid").empty() && type == "summary") {
    message->source_id = "summary of " + line.text_at("leafUuid");
  }
  return message;
}

/// A line that is no object: its texts, when it has words.
std::optional<Message> ClaudeCodeReader::read_value(const JsonValue& line,
                                                    const JsonRecord& record) {
  if (has_string(line, has_words)) {
    return message_of(line, record, "other", header("other", {}),
                      unknown_text(line, talk_.left_out));
  }
  report(record.line, "not an object with a \"type\"");
  return std::nullopt;
}

/// Those members that no rule knows and that say something new, as fields. What stands in every
/// line is said once.
std::string ClaudeCodeReader::unknown_fields(const JsonValue& object,
                                             std::span<const std::string_view> known) {
  JsonValue::Object rest;
  for (const auto& [key, value] : object.members()) {
    if (is_one_of(key, known)) continue;
    if (is_bookkeeping(key, value) || !has_string(value, has_words)) continue;
    std::string shown = value.dump();
    std::string& last = last_field_[key];
    if (last == shown) continue;
    last = std::move(shown);
    rest.push_back({key, value});
  }
  return rest.empty() ? std::string() : unknown_text(JsonValue(std::move(rest)), talk_.left_out);
}

std::optional<Message> ClaudeCodeReader::leave_out(const std::string& kind) {
  ++talk_.left_out[kind];
  return std::nullopt;
}

std::optional<Message> ClaudeCodeReader::message_of(const JsonValue& line, const JsonRecord& record,
                                                    const std::string& role,
                                                    const std::string& head,
                                                    const std::string& text) {
  if (!head.empty()) {
    open_message_.clear();
    blocks_.close();
  }
  Message message{.role = role,
                  .text = head.empty() ? text : block(head, text),
                  .time = time_of(line),
                  .source_id = line.text_at("uuid"),
                  .given = {}};
  if (message.text.empty()) return std::nullopt;
  if (message.source_id.empty()) message.source_id = source_.name() + ":" + record.place;
  JsonValue content;
  content.make_object();
  for (const auto& [key, value] : line.members()) {
    if (!is_one_of(key, kFrame) || key == "content" || key == "attachment") content.add(key, value);
  }
  message.given = given_text(line.text_at("type"), line.text_at("subtype"),
                             line.is_object() ? content : line);
  return message;
}

std::string ClaudeCodeReader::note_of(const JsonValue& line, const JsonValue& content) {
  if (line["isSidechain"].is_true() || line["parent_tool_use_id"].is_string()) return "sidechain";
  if (line["isMeta"].is_true()) return "meta";
  const std::string& parent = line.text_at("parentUuid");
  const bool is_prompt = line.text_at("type") == "user" && !is_tool_result(content);
  if (!is_prompt || parent.empty()) return {};
  const bool first = prompted_.insert(std::hash<std::string>{}(parent)).second;
  return first ? "" : "rewound";
}

bool ClaudeCodeReader::is_new_prompt(const JsonValue& content) {
  const auto queued = queued_.find(hash_of(plain_text_of(content)));
  if (queued == queued_.end()) return true;
  if (--queued->second == 0) queued_.erase(queued);
  return false;
}

}  // namespace fovea
