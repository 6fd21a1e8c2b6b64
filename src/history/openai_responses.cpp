#include "history/openai_responses.h"

#include <algorithm>

#include "history/block.h"
#include "history/json_parser.h"
#include "history/parts.h"

namespace fovea {
namespace {

/// Message of a user or of the model, with the parts of this API.
bool has_responses_parts(const JsonValue& content) {
  const auto& parts = content.elements();
  return std::any_of(parts.begin(), parts.end(), [](const JsonValue& part) {
    const std::string& type = part.text_at("type");
    return type == "input_text" || type == "output_text" || type == "input_image" ||
           type == "input_file";
  });
}

bool is_call_type(std::string_view type) { return type.ends_with("_call"); }
bool is_output(std::string_view type) {
  return type.ends_with("_call_output") || type.ends_with("_call_result") ||
         type == "tool_search_output";
}

std::string call_id_of(const JsonValue& item) {
  return item.first_text({"call_id", "callId", "id", "approval_request_id"});
}

/// What an item was given in one field; null where it has none such.
const JsonValue& arguments_of(const JsonValue& item) {
  for (const std::string_view key : {"arguments", "input", "action", "operation", "code"}) {
    if (item.contains(key)) return item[key];
  }
  static const JsonValue none;
  return none;
}

/// An error as {"code": ..., "message": ...} or a text.
std::string error_text(const JsonValue& error, LeftOut& left_out) {
  if (error.is_null()) return {};
  return error.is_string() ? error.text() : unknown_text(error, left_out);
}

/// A shell's output may come as {"output": ..., "metadata": {"exit_code": ...}} in a string.
std::string output_block(const std::string& tool, const JsonValue& output, LeftOut& left_out) {
  if (output.is_string()) {
    const std::string& text = output.text();
    const ParsedJson parsed = text.starts_with('{') ? parse_json(text) : ParsedJson{};
    const JsonValue& whole = parsed.value;
    if (whole["metadata"].is_object() && whole["output"].is_string()) {
      const std::string& code = whole["metadata"]["exit_code"].spelling();
      const bool failed = !code.empty() && code != "0";
      return block(result_header(tool, failed ? "error" : ""), whole.text_at("output"), true);
    }
    return block(result_header(tool), text, true);
  }
  const JsonValue& content = output["content"];  // {"content": ..., "success": ...}
  const bool failed = output["success"].is_false();
  return block(result_header(tool, failed ? "error" : ""),
               content.is_null() ? result_text(output, left_out) : content_text(content, left_out),
               true);
}

/// What OpenAI's own tools print, find and make: `outputs`, `results`, `result`.
std::string hosted_text(const JsonValue& item, const std::string& type, LeftOut& left_out) {
  std::string text;
  for (const JsonValue& output : item["outputs"].elements()) {
    const std::string& logs = output.text_at("logs");
    text = on_lines(std::move(text), logs.empty() ? part_text(output, left_out) : logs);
  }
  for (const JsonValue& found : item["results"].elements()) {
    const std::string& name = found.text_at("filename");
    if (!name.empty()) text = on_lines(std::move(text), bracket("file", name));
    text = on_lines(std::move(text), found.text_at("text"));
    text = on_lines(std::move(text), rest_text(found, {"filename", "text", "type"}, left_out));
  }
  if (type == "image_generation_call" && item["result"].is_string()) {
    ++left_out["image"];
    return on_lines(std::move(text), bracket("image"));
  }
  return on_lines(std::move(text), content_text(item["result"], left_out));
}

std::string call_text(const JsonValue& item, const std::string& type, Conversation& talk) {
  std::string tool = item.text_at("name");
  if (tool.empty()) tool = type.substr(0, type.size() - std::string_view("_call").size());
  for (const std::string_view key : {"call_id", "callId", "id"})
    talk.called(item.text_at(key), tool);
  const std::string server = item.text_at("server_label");

  const JsonValue& arguments = arguments_of(item);
  const std::string rest =
      rest_text(item,
                {"type", "name", "arguments", "input", "action", "operation", "code", "output",
                 "outputs", "results", "result", "error", "server_label"},
                talk.left_out);
  std::string text;
  if (arguments.is_null()) {
    text = block(header("tool call " + tool, server), rest, true);
  } else {
    text = call_block(tool, arguments, server) + block(header("tool call " + tool, "more"), rest);
  }
  if (!item["output"].is_null()) text += output_block(tool, item["output"], talk.left_out);
  text += block(result_header(tool), hosted_text(item, type, talk.left_out));
  return text + block(result_header(tool, "error"), error_text(item["error"], talk.left_out));
}

/// The tools of a server by name and description; their schemas are for programs.
std::string tools_text(const JsonValue& item, LeftOut& left_out) {
  std::string text;
  for (const JsonValue& tool : item["tools"].elements()) {
    std::string name = tool.text_at("name");
    if (name.empty()) name = tool["function"].text_at("name");
    const std::string& what = tool.text_at("description");
    text = on_lines(std::move(text), name + (what.empty() ? "" : ": " + what));
  }
  return on_lines(std::move(text), error_text(item["error"], left_out));
}

std::string approval_text(const JsonValue& item, LeftOut& left_out) {
  std::string text;
  if (item["approve"].is_bool()) {
    text = item["approve"].is_true() ? "approved" : "not approved";
  }
  return on_lines(std::move(text), rest_text(item, {"type", "approve"}, left_out));
}

/// Of a list of parts, or of a text in their place.
void add_texts(const JsonValue& parts, std::vector<std::string>& texts) {
  if (!parts.text().empty()) texts.push_back(parts.text());
  for (const JsonValue& part : parts.elements()) {
    const std::string& text = part.is_string() ? part.text() : part.text_at("text");
    if (!text.empty()) texts.push_back(text);
  }
}

ResponsesText other_item(const JsonValue& item, const std::string& type, Conversation& talk) {
  LeftOut& left_out = talk.left_out;
  if (type == "mcp_list_tools" || type == "tool_search_output") {
    const std::string server = item.text_at("server_label");
    return {"tool", block(result_header("list of tools", server), tools_text(item, left_out))};
  }
  if (type == "mcp_approval_request") {
    const std::string& name = item.text_at("name");
    talk.called(item.text_at("id"), name);
    return {"assistant", call_block(name, item["arguments"],
                                    joined(item.text_at("server_label"), "approval asked"))};
  }
  if (type == "mcp_approval_response") {
    return {"user", block(header("approval", talk.tool_of(call_id_of(item))),
                          approval_text(item, left_out))};
  }
  if (type == "compaction" || type == "compaction_summary" || type == "context_compaction") {
    if (item.contains("encrypted_content")) ++left_out["encrypted compaction"];
    return {"summary", block("summary", rest_text(item, {"type", "encrypted_content"}, left_out))};
  }
  ++left_out[type];  // item_reference: what it names stands elsewhere
  return {};
}

bool is_other_item(std::string_view type) {
  return type == "mcp_list_tools" || type == "mcp_approval_request" ||
         type == "mcp_approval_response" || type == "compaction" || type == "compaction_summary" ||
         type == "context_compaction" || type == "item_reference" || type == "tool_search_output";
}

}  // namespace

bool is_responses_item(const JsonValue& value) {
  const std::string& type = value.text_at("type");
  if (type.empty()) return false;
  if (type == "message") {
    return !value.text_at("role").empty() && has_responses_parts(value["content"]);
  }
  if (type == "reasoning") return value.contains("summary") || value.contains("encrypted_content");
  if (is_other_item(type)) return value.members().size() > 1;
  const bool named = !call_id_of(value).empty();
  if (is_output(type)) return named && value.contains("output");
  return is_call_type(type) && (named || !arguments_of(value).is_null());
}

std::vector<std::string> reasoning_texts(const JsonValue& item) {
  std::vector<std::string> texts;
  add_texts(item["summary"], texts);
  add_texts(item["content"], texts);
  return texts;
}

std::string reasoning_block(const std::vector<std::string>& texts) {
  std::string text;
  for (const auto& part : texts) (text += text.empty() ? "" : "\n\n") += part;
  return block(header("assistant", "reasoning"), text);
}

ResponsesText responses_text(const JsonValue& item, Conversation& talk) {
  const std::string& type = item.text_at("type");
  if (type == "reasoning") {
    if (item["encrypted_content"].is_string()) ++talk.left_out["encrypted reasoning"];
    return {"assistant", reasoning_block(reasoning_texts(item))};
  }
  if (is_other_item(type)) return other_item(item, type, talk);
  if (is_output(type)) {
    std::string tool = talk.tool_of(call_id_of(item));
    if (tool.empty()) tool = item.text_at("name");
    std::string text = output_block(tool, item["output"], talk.left_out);
    text += block(header("tool result " + tool, "more"),
                  rest_text(item, {"type", "output", "name"}, talk.left_out));
    return {"tool", std::move(text)};
  }
  if (is_call_type(type)) return {"assistant", call_text(item, type, talk)};
  const std::string& role = item.text_at("role");
  std::string text = content_text(item["content"], talk.left_out);
  text = on_lines(std::move(text), rest_text(item, {"type", "role", "content"}, talk.left_out));
  return {role, block(header(role), text)};
}

}  // namespace fovea
