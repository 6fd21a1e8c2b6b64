#include "history/codex.h"

#include <utility>

#include "history/block.h"
#include "history/dates.h"
#include "history/one_of.h"
#include "history/parts.h"

namespace fovea {
namespace {

/// Sections that Codex writes into a user's or developer's message by itself: how they begin and
/// end.
constexpr std::pair<std::string_view, std::string_view> kInjected[] = {
    {"<environment_context>", "</environment_context>"},
    {"<user_instructions>", "</user_instructions>"},
    {"# AGENTS.md instructions", "</INSTRUCTIONS>"},
    {"<turn_aborted>", "</turn_aborted>"},
    {"<permissions instructions>", "</permissions instructions>"},
    {"<INSTRUCTIONS>", "</INSTRUCTIONS>"},
    {"<collaboration_mode>", "</collaboration_mode>"},
    {"<skills_instructions>", "</skills_instructions>"},
    {"<plugins_instructions>", "</plugins_instructions>"},
    {"<apps_instructions>", "</apps_instructions>"},
    {"<personality_spec>", "</personality_spec>"},
    {"<model_switch>", "</model_switch>"},
};

/// Events that tell what items tell, or only count and report progress.
constexpr std::string_view kEventBookkeeping[] = {"token_count",         "session_configured",
                                                  "raw_response_item",   "turn_diff",
                                                  "plan_update",         "turn_aborted",
                                                  "context_compacted",   "item_started",
                                                  "shutdown_complete",   "thread_rolled_back",
                                                  "mcp_startup_update",  "mcp_startup_complete",
                                                  "thread_goal_updated", "skills_update_available",
                                                  "background_event"};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// `text` without the section that Codex wrote at its beginning; nothing when there is none.
std::optional<std::string> without_injected(const std::string& text) {
  const std::string whole = trimmed(text);
  for (const auto& [begin, end] : kInjected) {
    if (!whole.starts_with(begin)) continue;
    const std::size_t close = whole.find(end, begin.size());
    if (close != std::string::npos) return trimmed(whole.substr(close + end.size()));
  }
  return std::nullopt;
}

std::size_t hash_of(const std::string& role, const std::string& text) {
  return std::hash<std::string>{}(role + '\n' + trimmed(text));
}

bool is_event_bookkeeping(std::string_view type) {
  return is_one_of(type, kEventBookkeeping) || type.ends_with("_begin") || type.ends_with("_end") ||
         type.ends_with("_delta") || type.ends_with("_started") || type.ends_with("_complete") ||
         type.ends_with("_section_break");
}

}  // namespace

bool is_codex_line(const JsonValue& value) {
  if (!value["payload"].is_object()) return false;
  const std::string& type = value.text_at("type");
  return type == "session_meta" || type == "response_item" || type == "event_msg" ||
         type == "turn_context" || type == "compacted";
}

CodexReader::CodexReader(ByteSource source, BrokenHandler broken)
    : TranscriptReader(std::move(source), HistoryFormat::codex, std::move(broken)),
      records_(source_, is_codex_line, [this](auto line, auto reason) { report(line, reason); }) {}

std::optional<Message> CodexReader::read_next() {
  while (const auto record = records_.next()) {
    const JsonValue& line = record->value;
    const std::string& type = line.text_at("type");
    const JsonValue& payload = line["payload"].is_object() ? line["payload"] : line;
    const Said what = &payload == &line ? unframed(line) : said(type, payload);
    if (what.text.empty()) {
      if (&payload == &line) report(record->line, "not an object with \"type\" and \"payload\"");
      continue;
    }
    const std::string& id = payload.text_at("id");
    return Message{.role = what.role,
                   .text = what.text,
                   .time = time_of(line),
                   .source_id = id.empty() ? source_.name() + ":" + record->place : id,
                   .given = given_text(type, payload.text_at("role"), payload)};
  }
  return std::nullopt;
}

/// A line without a payload: an item, as the first rollouts had them, or what it says.
CodexReader::Said CodexReader::unframed(const JsonValue& line) {
  const std::string& type = line.text_at("type");
  const bool is_message = type == "message" && line.contains("role");
  if (is_message || is_responses_item(line)) return item(line);
  const std::string text = rest_text(line, {"type"}, talk_.left_out);
  return {type.empty() ? "other" : type, block(header(type.empty() ? "other" : type), text)};
}

CodexReader::Said CodexReader::said(const std::string& type, const JsonValue& payload) {
  if (type == "response_item") return item(payload);
  if (type == "event_msg") return event(payload);
  if (type == "session_meta" || type == "turn_context") return leave_out(type);
  // What was said before stands above; `replacement_history` only repeats parts of it.
  if (type == "compacted") return {"summary", block("summary", payload.text_at("message"))};
  return unknown(type, payload);
}

CodexReader::Said CodexReader::item(const JsonValue& payload) {
  const std::string& type = payload.text_at("type");
  if (type == "message") return message_item(payload);
  if (type == "reasoning") return reasoning_item(payload);
  if (type == "ghost_snapshot" || type == "additional_tools") return leave_out(type);
  return is_responses_item(payload) ? responses_text(payload, talk_) : unknown(type, payload);
}

JsonValue CodexReader::typed_part(const JsonValue& part) {
  const std::string& text = part.is_string() ? part.text() : part.text_at("text");
  auto rest = without_injected(text);
  if (!rest) return part;
  ++talk_.left_out["context that Codex adds"];
  while (auto less = without_injected(*rest)) rest = std::move(less);
  return rest->empty() ? JsonValue() : JsonValue(std::move(*rest));
}

CodexReader::Said CodexReader::message_item(const JsonValue& payload) {
  std::string role = payload.text_at("role");
  if (role.empty()) role = "other";
  const JsonValue& content = payload["content"];
  JsonValue::Array kept;
  for (const JsonValue& part :
       content.is_array() ? content.elements() : JsonValue::Array{content}) {
    JsonValue typed = role == "assistant" ? part : typed_part(part);
    if (!typed.is_null()) kept.push_back(std::move(typed));
  }
  std::string text = content_text(JsonValue(std::move(kept)), talk_.left_out);
  text = on_lines(std::move(text),
                  rest_text(payload, {"type", "role", "content",
                                      "internal_chat_message_metadata_passthrough"},
                            talk_.left_out));
  if (text.empty() || !is_new_item(role, text)) return {};
  if (role == "user") last_prompt_ = text;
  return {role, block(header(role), text)};
}

CodexReader::Said CodexReader::reasoning_item(const JsonValue& payload) {
  if (payload["encrypted_content"].is_string()) ++talk_.left_out["encrypted reasoning"];
  auto texts = reasoning_texts(payload);
  std::erase_if(texts, [&](const std::string& text) { return !is_new_item("reasoning", text); });
  return {"assistant", reasoning_block(texts)};
}

CodexReader::Said CodexReader::user_event(const JsonValue& payload) {
  const std::string& text = payload.text_at("message");
  // The item may hold more than the event: pictures, what an editor adds.
  const std::string prompt = std::exchange(last_prompt_, {});
  const bool repeats = !prompt.empty() && prompt.find(trimmed(text)) != std::string::npos;
  if (repeats || !is_new_event("user", text)) return {};
  return {"user", block("user", text)};
}

CodexReader::Said CodexReader::event(const JsonValue& payload) {
  const std::string& type = payload.text_at("type");
  if (type == "user_message") return user_event(payload);
  if (type == "agent_message") {
    const std::string& text = payload.text_at("message");
    return is_new_event("assistant", text) ? Said{"assistant", block("assistant", text)} : Said{};
  }
  if (type == "agent_reasoning" || type == "agent_reasoning_raw_content") {
    const std::string& text = payload.text_at("text");
    return is_new_event("reasoning", text) ? Said{"assistant", reasoning_block({text})} : Said{};
  }
  if (type == "item_completed" && payload["item"].text_at("type") == "Plan") {
    return {"assistant", block(header("assistant", "plan"), payload["item"].text_at("text"))};
  }
  if (type == "item_completed" || is_event_bookkeeping(type)) return leave_out(type);
  return unknown(type, payload);
}

CodexReader::Said CodexReader::unknown(const std::string& type, const JsonValue& payload) {
  const std::string kind = type.empty() ? "other" : type;
  const std::string text = rest_text(payload, {"type"}, talk_.left_out);
  if (text.empty()) return leave_out(kind);
  std::string role = payload.text_at("role");
  if (role.empty()) role = kind;
  return {role, block(header(kind), text)};
}

CodexReader::Said CodexReader::leave_out(const std::string& kind) {
  ++talk_.left_out[kind];
  return {};
}

bool CodexReader::is_new_item(const std::string& role, const std::string& text) {
  Times& times = times_[hash_of(role, text)];
  return ++times.as_item > times.as_event;
}

bool CodexReader::is_new_event(const std::string& role, const std::string& text) {
  Times& times = times_[hash_of(role, text)];
  return ++times.as_event > times.as_item;
}

}  // namespace fovea
