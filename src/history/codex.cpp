#include "src/history/codex.h"

#include <algorithm>
#include <utility>

#include "src/history/json_line.h"

namespace fovea {
namespace {

/// What Codex writes into a user's or developer's message by itself.
constexpr std::string_view kInjected[] = {
    "<environment_context>", "<user_instructions>",        "# AGENTS.md instructions",
    "<turn_aborted>",        "<permissions instructions>", "<INSTRUCTIONS>",
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_injected(const OrderedJson& part) {
  const std::string text = trimmed(content_text(part));
  return std::any_of(std::begin(kInjected), std::end(kInjected),
                     [&](std::string_view begin) { return text.starts_with(begin); });
}

std::size_t hash_of(const std::string& role, const std::string& text) {
  return std::hash<std::string>{}(role + '\n' + trimmed(text));
}

}  // namespace

bool is_codex_line(const OrderedJson& value) {
  if (!member_at(value, "payload").is_object()) return false;
  const std::string type = string_at(value, "type");
  return type == "session_meta" || type == "response_item" || type == "event_msg" ||
         type == "turn_context" || type == "compacted";
}

std::optional<Message> CodexReader::next() {
  while (const auto text = texts_.next()) {
    const ParsedJson parsed = parse_json(text->text);
    const OrderedJson& line = parsed.value;
    const std::string type = line.is_discarded() ? std::string() : string_at(line, "type");
    const OrderedJson& payload = member_at(line, "payload");
    if (!text->whole) {
      report(text->line, "the file ends inside this line");
    } else if (line.is_discarded()) {
      report(text->line, parsed.reason);
    } else if (type.empty() || !payload.is_object()) {
      report(text->line, "not an object with \"type\" and \"payload\"");
    } else if (Said what = said(type, payload); !what.text.empty()) {
      const std::string id = string_at(payload, "id");
      return Message{.role = std::move(what.role),
                     .text = std::move(what.text),
                     .time = time_of(line),
                     .source_id = id.empty() ? source_.name() + ":" + text->place : id,
                     .given = given_text(type, string_at(payload, "role"), payload)};
    }
  }
  return std::nullopt;
}

CodexReader::Said CodexReader::said(const std::string& type, const OrderedJson& payload) {
  if (type == "response_item") return item(payload);
  if (type == "event_msg") return event(payload);
  // What was said before stands above; `replacement_history` only repeats parts of it.
  if (type == "compacted") return {"summary", block("summary", string_at(payload, "message"))};
  return {};
}

CodexReader::Said CodexReader::item(const OrderedJson& payload) {
  const std::string type = string_at(payload, "type");
  if (type == "message") return message_item(payload);
  if (type == "reasoning") return reasoning_item(payload);
  return is_responses_item(payload) ? responses_text(payload, names_) : Said{};
}

CodexReader::Said CodexReader::message_item(const OrderedJson& payload) {
  const std::string role = string_at(payload, "role");
  OrderedJson parts = member_at(payload, "content");
  if (!parts.is_array()) parts = OrderedJson::array({parts});
  OrderedJson kept = OrderedJson::array();
  for (auto& part : parts) {
    if (role == "assistant" || !is_injected(part)) kept.push_back(std::move(part));
  }
  const std::string text = content_text(kept);
  if (text.empty() || !is_new_item(role, text)) return {};
  if (role == "user") last_prompt_ = text;
  return {role, block(header(role), text)};
}

CodexReader::Said CodexReader::reasoning_item(const OrderedJson& payload) {
  auto texts = reasoning_texts(payload);
  std::erase_if(texts, [&](const std::string& text) { return !is_new_item("reasoning", text); });
  return {"assistant", reasoning_block(texts)};
}

CodexReader::Said CodexReader::event(const OrderedJson& payload) {
  const std::string type = string_at(payload, "type");
  if (type == "user_message") {
    const std::string text = string_at(payload, "message");
    // The item may hold more than the event: pictures, what an editor adds.
    const std::string prompt = std::exchange(last_prompt_, {});
    const bool repeats = !prompt.empty() && prompt.find(trimmed(text)) != std::string::npos;
    if (repeats || !is_new_event("user", text)) return {};
    return {"user", block("user", text)};
  }
  if (type == "agent_message") {
    const std::string text = string_at(payload, "message");
    return is_new_event("assistant", text) ? Said{"assistant", block("assistant", text)} : Said{};
  }
  if (type == "agent_reasoning" || type == "agent_reasoning_raw_content") {
    const std::string text = string_at(payload, "text");
    if (is_new_event("reasoning", text)) return {"assistant", reasoning_block({text})};
  }
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
