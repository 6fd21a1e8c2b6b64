#include "history/openai_chat.h"

#include <algorithm>

#include "history/block.h"
#include "history/json_parser.h"
#include "history/parts.h"

namespace fovea {
namespace {

bool has_part(const JsonValue& parts, bool (*wanted)(const std::string& type)) {
  const auto& all = parts.elements();
  return std::any_of(all.begin(), all.end(),
                     [&](const JsonValue& part) { return wanted(part.text_at("type")); });
}

/// A call of OpenAI's ({"function": {"name", "arguments"}}, {"custom": {"name", "input"}}) or of
/// LangChain's ({"name", "args"}).
std::string one_call(const JsonValue& call, Conversation& talk) {
  const JsonValue& function = call["function"].is_object() ? call["function"]
                              : call["custom"].is_object() ? call["custom"]
                                                           : call;
  const std::string& name = function.text_at("name");
  talk.called(call.text_at("id"), name);
  const JsonValue* arguments = &function["arguments"];
  for (const std::string_view key : {"args", "input"}) {
    if (arguments->is_null()) arguments = &function[key];
  }
  std::string text = call_block(name, *arguments);
  const std::string rest =
      rest_text(function, {"type", "name", "arguments", "args", "input"}, talk.left_out);
  return text + block(header("tool call " + name, "more"), rest);
}

/// A list of calls, one alone, or the JSON of either, as tables of conversations keep them.
std::string all_calls(const JsonValue& calls, Conversation& talk) {
  if (calls.is_null() || (calls.is_string() && calls.text().empty())) return {};
  if (calls.is_object()) return one_call(calls, talk);
  if (calls.is_array()) {
    std::string text;
    for (const JsonValue& call : calls.elements()) text += all_calls(call, talk);
    return text;
  }
  const ParsedJson written = parse_json(calls.text());
  const bool holds = written.value.is_array() || written.value.is_object();
  if (holds || (written.good() && written.value.is_null())) return all_calls(written.value, talk);
  return call_block({}, calls);
}

std::string calls_text(const JsonValue& message, Conversation& talk) {
  std::string text;
  for (const std::string_view key : {"tool_calls", "invalid_tool_calls", "function_call"})
    text += all_calls(message[key], talk);
  return text;
}

/// Tools of Vercel's AI SDK 4 stand beside the content, in `parts` again where there are such.
std::string invocations_text(const JsonValue& message, ContentBlocks& blocks,
                             const std::string& role, Conversation& talk) {
  if (message["parts"].is_array()) return {};
  JsonValue::Array parts;
  for (const JsonValue& invocation : message["toolInvocations"].elements()) {
    JsonValue::Object part;
    part.push_back({"type", "tool-invocation"});
    part.push_back({"toolInvocation", invocation});
    parts.emplace_back(std::move(part));
  }
  return parts.empty() ? std::string() : blocks.text(JsonValue(std::move(parts)), role, {}, talk);
}

std::string tool_of(const JsonValue& message, const Conversation& talk) {
  const std::string& name = message.text_at("name");
  return name.empty() ? talk.tool_of(message.text_at("tool_call_id")) : name;
}

/// The texts that other members than the content hold.
std::string around(const JsonValue& message, const std::string& role) {
  std::string text = block(header(role, "refusal"), message.text_at("refusal"));
  text += block(header(role, "audio"), message["audio"].text_at("transcript"));
  return text;
}

std::string rest_of(const JsonValue& message, const std::string& role, Conversation& talk) {
  std::string text = content_text(message["experimental_attachments"], talk.left_out);
  // The same thoughts once more, in pieces.
  const bool repeats = !message.text_at("reasoning").empty();
  text =
      on_lines(std::move(text),
               rest_text(message,
                         {"type", "role", "content", "parts", "name", "refusal",
                          "reasoning_content", "reasoning", "tool_calls", "invalid_tool_calls",
                          "function_call", "audio", "toolInvocations", "experimental_attachments",
                          "annotations", repeats ? "reasoning_details" : "reasoning"},
                         talk.left_out));
  text = on_lines(std::move(text), references_text(message["annotations"], talk.left_out));
  return block(header(role, "more"), text);
}

}  // namespace

bool is_chat_message(const JsonValue& value) {
  if (value.text_at("role").empty()) return false;
  for (const std::string_view key :
       {"content", "tool_calls", "function_call", "parts", "toolInvocations", "refusal",
        "reasoning", "reasoning_content", "text", "message", "audio"}) {
    if (value.contains(key)) return true;
  }
  return false;
}

bool is_openai_alone(const JsonValue& value) {
  if (!is_chat_message(value)) return false;
  const std::string& role = value.text_at("role");
  if (value.contains("tool_calls") || value.contains("tool_call_id")) return true;
  if (value.contains("function_call") || role == "tool" || role == "function") return true;
  return has_part(value["content"], [](const std::string& type) {
    return type == "image_url" || type == "input_audio";
  });
}

bool is_vercel_alone(const JsonValue& value) {
  if (!is_chat_message(value)) return false;
  if (value.contains("toolInvocations")) return true;
  return has_part(value["parts"], [](const std::string& type) { return !type.empty(); }) ||
         has_part(value["content"], [](const std::string& type) {
           return type == "tool-call" || type == "tool-result";
         });
}

std::string chat_text(const JsonValue& message, ContentBlocks& blocks, Conversation& talk) {
  const std::string& role = message.text_at("role");
  std::string text =
      block(header(role, "reasoning"), message.first_text({"reasoning_content", "reasoning"}));
  const JsonValue& content = message["content"];
  const JsonValue& parts = message["parts"];
  const bool answers = (role == "tool" || role == "function") &&
                       (!content.is_array() || content.elements().empty() ||
                        !is_result(content.elements().front()));
  std::string said;
  if (answers) {
    said = block(result_header(tool_of(message, talk)), result_text(content, talk.left_out));
  } else if (parts.is_array()) {  // has all that `content` has
    said = blocks.text(parts, role, {}, talk);
  } else if (!content.is_null() && !(content.is_string() && content.text().empty())) {
    said = blocks.text(content, role, message.text_at("name"), talk);
  }
  text += said + invocations_text(message, blocks, role, talk);
  text += around(message, role) + calls_text(message, talk) + rest_of(message, role, talk);
  if (!text.empty()) return text;
  return block(answers ? result_header(tool_of(message, talk)) : header(role), "", true);
}

}  // namespace fovea
