#include "history/content_blocks.h"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "history/block.h"
#include "history/parts.h"

namespace fovea {
namespace {

/// What Gemini's parts are: an object with one telling member and no type.
constexpr std::string_view kCalls[] = {"functionCall", "function_call", "executableCode",
                                       "executable_code", "toolInvocation"};
constexpr std::string_view kResults[] = {"functionResponse", "function_response",
                                         "codeExecutionResult", "code_execution_result"};

/// The member of a part that holds it; null where the part holds itself.
const JsonValue& inner_of(const JsonValue& part, std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (part[key].is_object()) return part[key];
  }
  static const JsonValue none;
  return none;
}

bool is_reasoning(const JsonValue& part) {
  const std::string& type = part.text_at("type");
  return type == "thinking" || type == "reasoning" || part["thought"].is_true();
}

/// A tool's part of Vercel's AI SDK 5: call and result in one.
bool is_tool_part(const JsonValue& part) {
  const std::string& type = part.text_at("type");
  return type == "dynamic-tool" || (type.starts_with("tool-") && !part["toolName"].is_string());
}

bool is_call(const JsonValue& part) {
  const std::string& type = part.text_at("type");
  return type.ends_with("tool_use") || type == "tool-call" || type == "tool_call" ||
         type == "server_tool_call" || is_tool_part(part) || !inner_of(part, kCalls).is_null();
}

/// The first of those members that is there.
const JsonValue& first_member(const JsonValue& object,
                              std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (!object[key].is_null()) return object[key];
  }
  static const JsonValue none;
  return none;
}

std::string call_id_of_part(const JsonValue& part) {
  return first_member(part, {"tool_use_id", "toolCallId", "tool_call_id", "call_id", "callId",
                             "id"})
      .text();
}

std::string tool_of(const JsonValue& part) {
  std::string name = first_member(part, {"toolName", "tool_name", "name"}).text();
  const std::string& type = part.text_at("type");
  if (name.empty() && is_tool_part(part)) name = type.substr(type.find('-') + 1);
  if (name.empty()) name = part.text_at("language");
  return name;
}

bool has_failed(const JsonValue& part) {
  const std::string& state = part.text_at("state");
  const std::string& kind = part["output"].text_at("type");
  return part["is_error"].is_true() || part["isError"].is_true() || state == "output-error" ||
         part.text_at("status") == "error" || kind.starts_with("error") ||
         part["content"].text_at("type").ends_with("_error") ||
         part.text_at("outcome") == "OUTCOME_FAILED";
}

/// Vercel's output with its kind: {"type": "text", "value": ...}.
const JsonValue& output_of(const JsonValue& part) {
  const JsonValue& output = first_member(part, {"content", "output", "result", "response"});
  return output.contains("value") && output["type"].is_string() ? output["value"] : output;
}

}  // namespace

bool is_block(const JsonValue& part, std::string_view type) {
  return part.is_object() && part.text_at("type") == type;
}

bool is_result(const JsonValue& part) {
  const std::string& type = part.text_at("type");
  return part.contains("tool_use_id") || type == "tool-result" || type == "tool-error" ||
         type.ends_with("tool_result") || !inner_of(part, kResults).is_null();
}

bool is_all_results(const JsonValue& content) {
  const auto& parts = content.elements();
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), is_result);
}

bool has_anthropic_blocks(const JsonValue& content) {
  const auto& parts = content.elements();
  return std::any_of(parts.begin(), parts.end(), [](const JsonValue& part) {
    const std::string& type = part.text_at("type");
    return type.ends_with("tool_use") || type == "thinking" || type == "redacted_thinking" ||
           part.contains("tool_use_id");
  });
}

std::string ContentBlocks::text(const JsonValue& content, const std::string& role,
                                const std::string& note, Conversation& talk) {
  const std::string head = header(role, note);
  if (!content.is_array()) return said(head, content_text(content, talk.left_out), true);
  std::string text, run;  // of parts that share one header
  for (const JsonValue& part : content.elements()) {
    if (!is_reasoning(part) && !is_call(part) && !is_result(part)) {
      run = on_lines(std::move(run), part_text(part, talk.left_out));
      continue;
    }
    text += said(head, run);
    run.clear();
    text += block_text(part, role, note, talk);
  }
  return text += said(head, run);
}

std::string ContentBlocks::block_text(const JsonValue& part, const std::string& role,
                                      const std::string& note, Conversation& talk) {
  if (is_reasoning(part)) return reasoning(part, role, note, talk);
  close();
  if (is_result(part)) return result(part, note, talk);
  const JsonValue& inner = inner_of(part, kCalls);
  const JsonValue& whole = inner.is_null() ? part : inner;
  std::string text = call(whole, note, talk);
  const bool answered = whole.contains("output") || whole.contains("result") ||
                        whole.contains("errorText") || whole.contains("outputText");
  return answered ? text + result(whole, note, talk) : text;
}

std::string ContentBlocks::reasoning(const JsonValue& part, const std::string& role,
                                     const std::string& note, Conversation& talk) {
  const bool thinking = part.text_at("type") == "thinking";
  if (part.contains("encrypted_content")) ++talk.left_out["encrypted reasoning"];
  std::string text = first_member(part, {"thinking", "text", "reasoning"}).text();
  text = on_lines(std::move(text), content_text(part["summary"], talk.left_out));
  LeftOut signatures;  // they only prove what is shown
  text = on_lines(std::move(text),
                  rest_text(part, {"type", "thinking", "text", "reasoning", "summary", "details",
                                   "encrypted_content"},
                            signatures));
  return said(header(role, joined(thinking ? "thinking" : "reasoning", note)), text);
}

std::string ContentBlocks::call(const JsonValue& part, const std::string& note,
                                Conversation& talk) {
  const std::string tool = tool_of(part);
  talk.called(call_id_of_part(part), tool);
  const JsonValue& input = first_member(part, {"input", "args", "arguments", "rawInput", "code"});
  const std::string server = part.text_at("server_name");
  std::string text = call_block(tool, input, joined(server, note));
  LeftOut signatures;
  const std::string rest = rest_text(
      part, {"type", "name", "toolName", "tool_name", "input", "args", "arguments", "rawInput",
             "code", "language", "server_name", "output", "result", "errorText", "state", "content",
             "caller", "toolMetadata", "callProviderMetadata", "providerMetadata",
             "providerOptions"},
      signatures);
  return text + block(header("tool call " + tool, "more"), rest);
}

std::string ContentBlocks::result(const JsonValue& part, const std::string& note,
                                  Conversation& talk) {
  const JsonValue& inner = inner_of(part, kResults);
  const JsonValue& whole = inner.is_null() ? part : inner;
  std::string tool = talk.tool_of(call_id_of_part(whole));
  if (tool.empty()) tool = tool_of(whole);
  const std::string& type = part.text_at("type");
  constexpr std::string_view kSuffix = "_tool_result";
  if (tool.empty() && type.ends_with(kSuffix) && type != "mcp_tool_result") {
    tool = type.substr(0, type.size() - kSuffix.size());
  }
  std::string text = result_text(output_of(whole), talk.left_out);
  text = on_lines(std::move(text), whole.text_at("errorText"));
  const JsonValue& error = whole["error"];
  text = on_lines(std::move(text), error.is_string() ? error.text()
                                   : error.is_object() ? unknown_text(error, talk.left_out)
                                                       : std::string());
  const bool failed = has_failed(whole) || whole.contains("errorText") || !error.is_null();
  text = on_lines(std::move(text),
                  rest_text(whole, {"type", "content", "output", "result", "response", "error",
                                    "errorText", "outcome", "status", "state", "name", "toolName",
                                    "tool_name", "input", "args", "arguments", "rawInput",
                                    "toolMetadata", "title", "callProviderMetadata", "server_name",
                                    "resultProviderMetadata", "providerMetadata",
                                    "providerOptions"},
                            talk.left_out));
  return block(result_header(tool, joined(failed ? "error" : "", note)), text, true);
}

std::string ContentBlocks::said(const std::string& head, const std::string& text, bool even_empty) {
  if (text.empty() && !even_empty) return {};
  std::string whole = block(head, text, true);
  if (head == open_head_) whole.erase(0, head.size() + 2);
  open_head_ = head;
  return whole;
}

}  // namespace fovea
