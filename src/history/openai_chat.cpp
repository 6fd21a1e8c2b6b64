#include "src/history/openai_chat.h"

namespace fovea {
namespace {

bool is_object_list(const OrderedJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_array();
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

bool is_openai_message(const OrderedJson& value) {
  return value.is_object() && !string_at(value, "role").empty() &&
         (value.contains("content") || value.contains("tool_calls") ||
          value.contains("function_call"));
}

bool is_openai_conversation(const OrderedJson& value) {
  if (!value.is_object() || !is_object_list(value, "messages")) return false;
  const auto& messages = value["messages"];
  return messages.empty() || is_openai_message(messages.front());
}

OpenAiReader::OpenAiReader(ByteSource source, std::function<void(const BrokenPart&)> broken)
    : source_(std::move(source)), broken_(std::move(broken)) {
  const std::string_view ahead = source_.peek(4096);
  const std::size_t first = ahead.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  is_list_ = first != std::string_view::npos && ahead[first] == '[';
}

std::optional<Message> OpenAiReader::next() {
  while (ready_.empty()) {
    const auto text = next_text();
    if (!text) return std::nullopt;
    add(*text);
  }
  Message message = std::move(ready_.front());
  ready_.pop_front();
  return message;
}

std::optional<JsonText> OpenAiReader::next_text() {
  if (is_list_) {
    auto element = splitter_.next(source_);
    if (element) ++count_;
    return element;
  }
  while (auto line = source_.take_line()) {
    ++count_;
    if (!is_blank(*line)) return JsonText{std::move(*line), count_, true};
  }
  return std::nullopt;
}

void OpenAiReader::add(const JsonText& text) {
  const ParsedJson parsed = parse_json(text.text);
  const std::string place = source_.name() + ":" + std::to_string(count_);
  if (parsed.value.is_discarded()) {
    broken_({text.line, text.whole ? parsed.reason : "the file ends inside this message"});
  } else if (is_openai_message(parsed.value)) {
    add_message(parsed.value, place);
  } else if (parsed.value.is_object() && is_object_list(parsed.value, "messages")) {
    std::size_t index = 0;
    for (const auto& message : parsed.value["messages"]) {
      ++index;
      if (is_openai_message(message)) {
        add_message(message, place + "." + std::to_string(index));
      } else {
        broken_({text.line, "entry " + std::to_string(index) + " of messages has no role and content"});
      }
    }
  } else {
    broken_({text.line, "neither a message with role and content nor {\"messages\": [...]}"});
  }
}

void OpenAiReader::add_message(const OrderedJson& value, const std::string& place) {
  Message message;
  message.role = string_at(value, "role");
  message.text = message_text(value);
  message.time = time_of(value);
  const std::string id = string_at(value, "id");
  message.source_id = id.empty() ? place : id;
  ready_.push_back(std::move(message));
}

std::string OpenAiReader::message_text(const OrderedJson& value) {
  const std::string role = string_at(value, "role");
  const bool is_result = role == "tool" || role == "function";
  const std::string head = is_result ? result_header(value) : header(role, string_at(value, "name"));
  std::string reasoning = string_at(value, "reasoning_content");
  if (reasoning.empty()) reasoning = string_at(value, "reasoning");
  const std::string said =
      value.contains("content") ? content_text(value["content"]) : std::string();

  std::string text = block(header(role, "reasoning"), reasoning);
  text += block(head, said);
  text += block(header(role, "refusal"), string_at(value, "refusal"));
  text += calls_text(value);
  return text.empty() ? block(head, "", true) : text;
}

std::string OpenAiReader::calls_text(const OrderedJson& value) {
  std::string text;
  if (is_object_list(value, "tool_calls")) {
    for (const auto& call : value["tool_calls"]) {
      if (!call.is_object()) continue;
      const auto function = call.find("function");
      const OrderedJson& called =
          function != call.end() && function->is_object() ? *function : call;
      const std::string id = string_at(call, "id");
      if (!id.empty()) call_names_[id] = string_at(called, "name");
      text += call_text(called);
    }
  }
  const auto old_call = value.find("function_call");
  if (old_call != value.end() && old_call->is_object()) text += call_text(*old_call);
  return text;
}

std::string OpenAiReader::call_text(const OrderedJson& function) {
  const std::string head = header("tool call " + string_at(function, "name"));
  const auto arguments = function.find("arguments");
  if (arguments == function.end()) return block(head, "", true);
  if (arguments->is_string()) {
    const ParsedJson parsed = parse_json(arguments->get_ref<const std::string&>());
    if (parsed.value.is_object()) return block(head, tool_input_text(parsed.value), true);
  }
  return block(head, tool_input_text(*arguments), true);
}

std::string OpenAiReader::result_header(const OrderedJson& value) const {
  std::string name = string_at(value, "name");
  const auto called = call_names_.find(string_at(value, "tool_call_id"));
  if (name.empty() && called != call_names_.end()) name = called->second;
  return header(name.empty() ? "tool result" : "tool result " + name);
}

}  // namespace fovea
