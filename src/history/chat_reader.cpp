#include "history/chat_reader.h"

#include "history/block.h"
#include "history/dates.h"
#include "history/parts.h"

namespace fovea {
namespace {

bool holds_messages(const JsonValue& value) {
  if (value.contains("type")) return false;
  for (const auto& [key, member] : value.members()) {
    if (is_message_list(key) && (member.is_array() || (key == "input" && member.is_string()))) {
      return true;
    }
  }
  return false;
}

/// Could it stand for itself in a file of messages?
bool is_record(const JsonValue& value) {
  return chat_kind(value) != ChatKind::none || holds_messages(value);
}

/// What Gemini CLI writes between messages: whose session it is, and changes of that.
bool keeps_books(const JsonValue& value) {
  if (value.contains("projectHash") && value.contains("sessionId")) return true;
  return !value.members().empty() && value.members().front().key.starts_with("$");
}

bool is_system_prompt(std::string_view key) {
  return key == "system" || key == "instructions" || key == "systemInstruction" ||
         key == "system_instruction" || key == "system_prompt";
}

}  // namespace

ChatReader::ChatReader(ByteSource source, HistoryFormat format, BrokenHandler broken)
    : TranscriptReader(std::move(source), format, std::move(broken)),
      records_(source_, is_record, [this](auto line, auto reason) { report(line, reason); }) {}

std::optional<Message> ChatReader::read_next() {
  while (ready_.empty()) {
    const auto record = records_.next();
    if (!record) return std::nullopt;
    if (record->part == JsonText::Part::whole) time_ = 0;
    add_entry(*record);
  }
  Message message = std::move(ready_.front());
  ready_.pop_front();
  return message;
}

void ChatReader::add_conversation(const JsonValue& value, const JsonRecord& record) {
  time_ = time_of(value);
  const std::string place = source_.name() + ":" + record.place;
  std::size_t index = 0;
  for (const auto& [key, member] : value.members()) {
    if (!is_message_list(key) || !member.is_array()) {
      add_member(key, member, place);
      continue;
    }
    for (const JsonValue& message : member.elements()) {
      const std::string its_place = place + "." + std::to_string(++index);
      if (!add_message(message, its_place) && !add_unknown(message, its_place)) {
        report(record.line, "entry " + std::to_string(index) + " of " + key + " is not a message");
      }
    }
  }
}

void ChatReader::add_entry(const JsonRecord& record) {
  const JsonValue& value = record.value;
  const std::string place = source_.name() + ":" + record.place;
  if (record.part == JsonText::Part::head) {
    if (const Time time = time_of(value)) time_ = time;
    for (const auto& [key, member] : value.members()) add_member(key, member, place);
    return;
  }
  if (add_message(value, place)) return;
  if (holds_messages(value)) return add_conversation(value, record);
  if (keeps_books(value)) {
    ++messages_.conversation().left_out["session"];
    return;
  }
  if (add_unknown(value, place)) return;
  report(record.line, "neither a message nor an object with a list of messages");
}

void ChatReader::add_member(const std::string& key, const JsonValue& value,
                            const std::string& place) {
  const bool is_system = is_system_prompt(key);
  if (!is_system && (key != "input" || !value.is_string())) return;
  const std::string role = is_system ? "system" : "user";
  LeftOut& left_out = messages_.conversation().left_out;
  const JsonValue& content = value["parts"].is_array() ? value["parts"] : value;
  push({.role = role,
        .text = block(header(role), content_text(content, left_out)),
        .time = time_,
        .source_id = {},
        .given = given_text(key, role, value)},
       place + "." + key);
}

bool ChatReader::add_message(const JsonValue& value, const std::string& place) {
  auto message = messages_.read(value);
  if (message) push(std::move(*message), place);
  return message.has_value();
}

bool ChatReader::add_unknown(const JsonValue& value, const std::string& place) {
  auto message = messages_.read_unknown(value);
  if (message) push(std::move(*message), place);
  return message.has_value();
}

/// `place` names a message without an id of its own.
void ChatReader::push(Message message, const std::string& place) {
  if (message.text.empty()) return;  // nothing that can be shown, such as encrypted reasoning
  if (message.time == 0) message.time = time_;
  if (message.source_id.empty()) message.source_id = place;
  ready_.push_back(std::move(message));
}

}  // namespace fovea
