#include "history/chat_messages.h"

#include "history/block.h"
#include "history/dates.h"
#include "history/gemini.h"
#include "history/langchain.h"
#include "history/openai_chat.h"
#include "history/openai_responses.h"
#include "history/opencode.h"
#include "history/sharegpt.h"

namespace fovea {
namespace {

/// The message in an answer's choice ({"index": 0, "message": ...}) or candidate
/// ({"content": {"parts": ...}}); everything else is itself.
const JsonValue& unwrapped(const JsonValue& value) {
  if (value.contains("role") || value.contains("type")) return value;
  if (!value["message"].text_at("role").empty()) return value["message"];
  return value["content"]["parts"].is_array() ? value["content"] : value;
}

/// A line of Claude Code's or Codex's history.jsonl.
bool is_logged_prompt(const JsonValue& value) {
  return (value["display"].is_string() && value.contains("project")) ||
         (value["text"].is_string() && value.contains("session_id") && value.contains("ts"));
}

std::string logged_prompt_text(const JsonValue& value, Conversation& talk) {
  const std::string& display = value.text_at("display");
  std::string text = display.empty() ? value.text_at("text") : display;
  text = on_lines(std::move(text), rest_text(value, {"display", "text", "project"}, talk.left_out));
  return block("user", text);
}

/// What an item or message says: all of it but what names and dates it.
JsonValue content_of(const JsonValue& value) {
  if (!value.is_object()) return value;
  JsonValue content;
  content.make_object();
  for (const auto& [key, member] : value.members()) {
    if (key != "id" && !is_time_key(key)) content.add(key, member);
  }
  return content;
}

std::string id_of(const JsonValue& value) { return value.first_text({"id", "uuid", "message_id"}); }

}  // namespace

ChatKind chat_kind(const JsonValue& given) {
  const JsonValue& value = unwrapped(given);
  if (is_sharegpt_turn(value)) return ChatKind::sharegpt;
  if (is_logged_prompt(value)) return ChatKind::prompt;
  if (is_langchain_message(value)) return ChatKind::langchain;
  if (is_opencode_message(value)) return ChatKind::opencode;
  if (is_responses_item(value)) return ChatKind::responses;
  if (is_gemini_message(value)) return ChatKind::gemini;
  if (!is_chat_message(value)) return ChatKind::none;
  if (is_vercel_alone(value)) return ChatKind::vercel;
  const JsonValue& content = value["content"];
  const bool is_reply = value.contains("stop_reason") && content.is_array();
  if (is_reply || has_anthropic_blocks(content)) return ChatKind::anthropic;
  return is_openai_alone(value) ? ChatKind::openai : ChatKind::plain;
}

std::optional<Message> ChatMessages::read(const JsonValue& given) {
  const JsonValue& value = unwrapped(given);
  Message message{.role = value.text_at("role"),
                  .text = {},
                  .time = time_of(value),
                  .source_id = id_of(value),
                  .given = {}};
  blocks_.close();
  switch (chat_kind(value)) {
    case ChatKind::none: return std::nullopt;
    case ChatKind::sharegpt:
      message.role = sharegpt_role(value);
      message.text = sharegpt_text(value, talk_);
      break;
    case ChatKind::prompt:
      message.role = "user";
      message.text = logged_prompt_text(value, talk_);
      break;
    case ChatKind::responses: {
      ResponsesText item = responses_text(value, talk_);
      message.role = std::move(item.role);
      message.text = std::move(item.text);
      break;
    }
    case ChatKind::gemini:
      message.role = gemini_role(value);
      message.text = gemini_text(value, blocks_, talk_);
      break;
    case ChatKind::langchain: {
      const JsonValue chat = chat_message_of_langchain(value);
      message.role = chat.text_at("role");
      message.source_id = id_of(chat);
      message.text = chat_text(chat, blocks_, talk_);
      break;
    }
    case ChatKind::opencode: {
      const JsonValue chat = chat_message_of_opencode(value);
      message.role = chat.text_at("role");
      message.source_id = id_of(chat);
      message.time = time_of(chat);
      message.text = blocks_.text(chat["parts"], message.role, {}, talk_);
      message.given = given_text("opencode", message.role, chat["parts"]);
      return message.text.empty() ? std::nullopt : std::optional(std::move(message));
    }
    default: message.text = chat_text(value, blocks_, talk_);
  }
  if (is_all_results(value["content"])) message.role = "tool";
  message.given = given_text(value.text_at("type"), message.role, content_of(value));
  return message;
}

std::optional<Message> ChatMessages::read_unknown(const JsonValue& value) {
  const auto any = [](std::string_view text) { return !text.empty(); };
  if (!has_string(value, any)) return std::nullopt;
  std::string text = unknown_text(value, talk_.left_out);
  if (text.empty()) return std::nullopt;
  const std::string& type = value.text_at("type");
  std::string role = value.text_at("role");
  if (role.empty()) role = type.empty() ? "other" : type;
  return Message{.role = role,
                 .text = block(header(role), text),
                 .time = time_of(value),
                 .source_id = id_of(value),
                 .given = given_text(type, role, content_of(value))};
}

}  // namespace fovea
