#include "src/history/chat_reader.h"

#include "src/history/json_line.h"

namespace fovea {
namespace {

bool holds_messages(const OrderedJson& value) {
  if (!value.is_object() || value.contains("type")) return false;
  for (const auto& [key, member] : value.items()) {
    if (is_message_list(key) && (member.is_array() || (key == "input" && member.is_string()))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<Message> ChatReader::next() {
  while (ready_.empty()) {
    const auto text = texts_.next();
    if (!text) return std::nullopt;
    add(*text);
  }
  Message message = std::move(ready_.front());
  ready_.pop_front();
  return message;
}

void ChatReader::add(const JsonText& text) {
  const ParsedJson parsed = parse_json(text.text);
  if (!text.whole || parsed.value.is_discarded()) {
    return report(text.line, text.whole ? parsed.reason : "the file ends inside this message");
  }
  if (text.part == JsonText::Part::whole) time_ = 0;
  add_entry(parsed.value, text, source_.name() + ":" + text.place);
}

void ChatReader::add_conversation(const OrderedJson& value, const JsonText& text) {
  time_ = time_of(value);
  const std::string place = source_.name() + ":" + text.place;
  std::size_t index = 0;
  for (const auto& [key, member] : value.items()) {
    if (!is_message_list(key) || !member.is_array()) {
      add_member(key, member, place);
      continue;
    }
    for (const auto& message : member) {
      ++index;
      if (!add_message(message, place + "." + std::to_string(index))) {
        report(text.line, "entry " + std::to_string(index) + " of " + key + " is no message");
      }
    }
  }
}

void ChatReader::add_entry(const OrderedJson& value, const JsonText& text,
                           const std::string& place) {
  if (text.part == JsonText::Part::head) {
    if (const Time time = time_of(value)) time_ = time;
    for (const auto& [key, member] : value.items()) add_member(key, member, place);
    return;
  }
  if (add_message(value, place)) return;
  if (holds_messages(value)) return add_conversation(value, text);
  report(text.line, "neither a message nor an object with a list of messages");
}

void ChatReader::add_member(const std::string& key, const OrderedJson& value,
                            const std::string& place) {
  const bool is_system = key == "system" || key == "instructions";
  if (!is_system && (key != "input" || !value.is_string())) return;
  const std::string role = is_system ? "system" : "user";
  push({.role = role,
        .text = block(header(role), content_text(value)),
        .time = time_,
        .source_id = {},
        .given = given_text(key, role, value)},
       place + "." + key);
}

bool ChatReader::add_message(const OrderedJson& value, const std::string& place) {
  auto message = messages_.read(value);
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
