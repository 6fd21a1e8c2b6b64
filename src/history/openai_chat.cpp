#include "src/history/openai_chat.h"

#include <algorithm>

namespace fovea {
namespace {

std::string calls_text(const OrderedJson& message, ToolNames& names) {
  std::string text;
  const OrderedJson& calls = member_at(message, "tool_calls");
  for (const auto& call : calls.is_array() ? calls : OrderedJson::array()) {
    if (!call.is_object()) continue;
    const OrderedJson& function = member_at(call, "function");
    const OrderedJson& called = function.is_object() ? function : call;
    const std::string id = string_at(call, "id"), name = string_at(called, "name");
    if (!id.empty()) names[id] = name;
    text += call_block(name, member_at(called, "arguments"));
  }
  const OrderedJson& old_call = member_at(message, "function_call");
  if (old_call.is_object()) {
    text += call_block(string_at(old_call, "name"), member_at(old_call, "arguments"));
  }
  return text;
}

std::string head_of_result(const OrderedJson& message, const ToolNames& names) {
  std::string name = string_at(message, "name");
  const auto called = names.find(string_at(message, "tool_call_id"));
  if (name.empty() && called != names.end()) name = called->second;
  return result_header(name);
}

}  // namespace

bool is_openai_message(const OrderedJson& value) {
  return value.is_object() && !string_at(value, "role").empty() &&
         (value.contains("content") || value.contains("tool_calls") ||
          value.contains("function_call"));
}

bool is_openai_alone(const OrderedJson& value) {
  if (!is_openai_message(value)) return false;
  const std::string role = string_at(value, "role");
  if (value.contains("tool_calls") || value.contains("tool_call_id")) return true;
  if (value.contains("function_call") || role == "tool" || role == "function") return true;
  const OrderedJson& content = member_at(value, "content");
  return content.is_array() &&
         std::any_of(content.begin(), content.end(), [](const OrderedJson& part) {
           return string_at(part, "type") == "image_url";
         });
}

std::string openai_text(const OrderedJson& message, ToolNames& names) {
  const std::string role = string_at(message, "role");
  const bool is_result = role == "tool" || role == "function";
  const std::string head =
      is_result ? head_of_result(message, names) : header(role, string_at(message, "name"));
  std::string reasoning = string_at(message, "reasoning_content");
  if (reasoning.empty()) reasoning = string_at(message, "reasoning");

  std::string text = block(header(role, "reasoning"), reasoning);
  text += block(head, content_text(member_at(message, "content")));
  text += block(header(role, "refusal"), string_at(message, "refusal"));
  text += calls_text(message, names);
  return text.empty() ? block(head, "", true) : text;
}

}  // namespace fovea
