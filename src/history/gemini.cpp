#include "history/gemini.h"

#include <algorithm>

#include "history/block.h"
#include "history/parts.h"

namespace fovea {
namespace {

bool has_parts(const JsonValue& value) {
  const auto& parts = value["parts"].elements();
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [](const JsonValue& part) {
    return part.is_string() || (part.is_object() && part.text_at("type").empty());
  });
}

/// What Gemini CLI writes: typed by who speaks.
bool is_cli_message(const JsonValue& value) {
  const std::string& type = value.text_at("type");
  const bool speaks = type == "user" || type == "gemini" || type == "info" || type == "error" ||
                      type == "warning";
  const bool names_itself = value.contains("messageId") || value.contains("id");
  const JsonValue& content = value.contains("content") ? value["content"] : value["message"];
  return speaks && names_itself && value.contains("timestamp") && value["role"].is_null() &&
         (content.is_string() || content.is_array());
}

std::string thoughts_text(const JsonValue& message, Conversation& talk) {
  std::string text;
  for (const JsonValue& thought : message["thoughts"].elements()) {
    text = on_lines(std::move(text), thought.text_at("subject"));
    text = on_lines(std::move(text), thought.text_at("description"));
    text = on_lines(std::move(text),
                    rest_text(thought, {"subject", "description"}, talk.left_out));
  }
  return block(header("assistant", "reasoning"), text);
}

/// Calls of Gemini CLI stand with their results.
std::string calls_text(const JsonValue& message, ContentBlocks& blocks, Conversation& talk) {
  std::string text;
  for (const JsonValue& call : message["toolCalls"].elements()) {
    const std::string& name = call.text_at("name");
    talk.called(call.text_at("id"), name);
    text += call_block(name, call["args"]);
    const JsonValue& result = call["result"];
    if (result.is_array()) text += blocks.text(result, "tool", {}, talk);
    else if (!result.is_null())
      text += block(result_header(name), result_text(result, talk.left_out));
    // For people; repeats the result, but for what was changed in files.
    const JsonValue& shown = call["resultDisplay"];
    text += block(result_header(name, "shown"), shown.text_at("fileDiff"));
    if (result.is_null()) text += block(result_header(name, "shown"), shown.text());
    text += block(header("tool call " + name, "more"),
                  rest_text(call, {"name", "args", "result", "resultDisplay", "displayName",
                                   "description", "status", "renderOutputAsMarkdown"},
                            talk.left_out));
  }
  return text;
}

}  // namespace

bool is_gemini_message(const JsonValue& value) { return has_parts(value) || is_cli_message(value); }

std::string gemini_role(const JsonValue& message) {
  std::string role = message.text_at("role");
  if (role.empty()) role = message.text_at("type");
  if (role.empty()) role = "user";
  if (is_all_results(message["parts"])) return "tool";
  if (role == "function") return "tool";
  return role == "model" || role == "gemini" ? "assistant" : role;
}

std::string gemini_text(const JsonValue& message, ContentBlocks& blocks, Conversation& talk) {
  const std::string role = gemini_role(message);
  const JsonValue& content = message.contains("parts")     ? message["parts"]
                             : message.contains("content") ? message["content"]
                                                           : message["message"];
  std::string text = thoughts_text(message, talk);
  const bool empty = content.is_null() || (content.is_string() && content.text().empty());
  if (!empty) text += blocks.text(content, role, {}, talk);
  text += calls_text(message, blocks, talk);
  text += block(header(role, "more"),
                rest_text(message, {"type", "role", "parts", "content", "message", "thoughts",
                                    "toolCalls", "displayContent", "model", "tokens"},
                          talk.left_out));
  return text;
}

}  // namespace fovea
