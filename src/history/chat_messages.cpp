#include "src/history/chat_messages.h"

#include "src/history/json_line.h"
#include "src/history/openai_chat.h"
#include "src/history/openai_responses.h"
#include "src/history/sharegpt.h"

namespace fovea {
namespace {

/// What an item or message says: all of it but what names and dates it.
OrderedJson content_of(const OrderedJson& value) {
  OrderedJson content = value;
  for (const char* key : {"id", "timestamp", "created_at", "create_time", "created"}) {
    content.erase(key);
  }
  return content;
}

}  // namespace

ChatKind chat_kind(const OrderedJson& value) {
  if (is_sharegpt_turn(value)) return ChatKind::sharegpt;
  if (is_responses_item(value)) return ChatKind::responses;
  if (!is_openai_message(value)) return ChatKind::none;
  const OrderedJson& content = member_at(value, "content");
  const bool is_reply = value.contains("stop_reason") && content.is_array();
  if (is_reply || has_anthropic_blocks(content)) return ChatKind::anthropic;
  return is_openai_alone(value) ? ChatKind::openai : ChatKind::plain;
}

std::optional<Message> ChatMessages::read(const OrderedJson& value) {
  Message message{.role = string_at(value, "role"),
                  .text = {},
                  .time = time_of(value),
                  .source_id = string_at(value, "id"),
                  .given = {}};
  switch (chat_kind(value)) {
    case ChatKind::none:
      return std::nullopt;
    case ChatKind::sharegpt:
      message.role = sharegpt_role(value);
      message.text = sharegpt_text(value);
      break;
    case ChatKind::responses: {
      ResponsesText item = responses_text(value, names_);
      message.role = std::move(item.role);
      message.text = std::move(item.text);
      break;
    }
    case ChatKind::anthropic:
      blocks_.close();
      message.text = blocks_.text(member_at(value, "content"), message.role, {});
      break;
    default:
      message.text = openai_text(value, names_);
  }
  message.given = given_text(string_at(value, "type"), message.role, content_of(value));
  return message;
}

}  // namespace fovea
