#include "history/langchain.h"

#include <string>

namespace fovea {
namespace {

constexpr std::pair<std::string_view, std::string_view> kRoles[] = {
    {"human", "user"},     {"HumanMessage", "user"},     {"ai", "assistant"},
    {"AIMessage", "assistant"}, {"system", "system"},    {"SystemMessage", "system"},
    {"developer", "developer"}, {"tool", "tool"},        {"ToolMessage", "tool"},
    {"function", "tool"},  {"FunctionMessage", "tool"},  {"chat", "chat"},
    {"ChatMessage", "chat"}, {"remove", ""}};

std::string_view role_of(std::string_view type) {
  constexpr std::string_view kChunk = "Chunk";
  if (type.ends_with(kChunk)) type.remove_suffix(kChunk.size());
  for (const auto& [its_type, role] : kRoles) {
    if (its_type == type) return role;
  }
  return {};
}

bool is_constructor(const JsonValue& value) {
  return value.contains("lc") && value["kwargs"].is_object() && !value["id"].elements().empty();
}

const std::string& type_of(const JsonValue& value) {
  return is_constructor(value) ? value["id"].elements().back().text() : value.text_at("type");
}

/// Where the message's own members stand.
const JsonValue& members_of(const JsonValue& value) {
  if (is_constructor(value)) return value["kwargs"];
  return value["data"].is_object() ? value["data"] : value;
}

}  // namespace

bool is_langchain_message(const JsonValue& value) {
  if (role_of(type_of(value)).empty()) return false;
  const JsonValue& members = members_of(value);
  if (!members.contains("content")) return false;
  return &members != &value || value.contains("additional_kwargs") ||
         value.contains("response_metadata") || value.contains("example");
}

JsonValue chat_message_of_langchain(const JsonValue& value) {
  const JsonValue& members = members_of(value);
  const std::string& own_role = members.text_at("role");  // of a ChatMessage
  JsonValue message;
  message.make_object();
  message.add("role", own_role.empty() ? std::string(role_of(type_of(value))) : own_role);
  const bool has_calls = !members["tool_calls"].elements().empty();
  for (const auto& [key, member] : members.members()) {
    if (key == "role" || key == "type" || key == "response_metadata") continue;
    if (key != "additional_kwargs") {
      message.add(key, member);
      continue;
    }
    for (const auto& [name, more] : member.members()) {
      if (name == "tool_calls" && has_calls) continue;  // the same in OpenAI's form
      message.add(name, more);
    }
  }
  return message;
}

}  // namespace fovea
