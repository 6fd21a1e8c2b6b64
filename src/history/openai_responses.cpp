#include "src/history/openai_responses.h"

#include <algorithm>

#include "src/history/json_line.h"

namespace fovea {
namespace {

/// Message of a user or of the model, with the parts of this API.
bool has_responses_parts(const OrderedJson& content) {
  if (!content.is_array()) return false;
  return std::any_of(content.begin(), content.end(), [](const OrderedJson& part) {
    const std::string type = string_at(part, "type");
    return type == "input_text" || type == "output_text" || type == "input_image" ||
           type == "input_file";
  });
}

bool is_call(std::string_view type) { return type.ends_with("_call"); }
bool is_output(std::string_view type) { return type.ends_with("_call_output"); }

/// What a call was given: its arguments where the item has such, otherwise what is special to it.
OrderedJson arguments_of(const OrderedJson& item) {
  for (const char* key : {"arguments", "input", "action", "code", "queries"}) {
    if (item.contains(key)) return item[key];
  }
  return nullptr;
}

/// A shell's output may come as {"output": ..., "metadata": {"exit_code": ...}} in a string.
std::string output_block(const std::string& tool, const OrderedJson& output) {
  if (output.is_string()) {
    const auto& text = output.get_ref<const std::string&>();
    const ParsedJson parsed = text.starts_with('{') ? parse_json(text) : ParsedJson{};
    if (parsed.value.is_object() && parsed.value.contains("metadata") &&
        member_at(parsed.value, "output").is_string()) {
      const OrderedJson& code = member_at(parsed.value["metadata"], "exit_code");
      return block(result_header(tool, code.is_number() && code != 0 ? "error" : ""),
                   string_at(parsed.value, "output"), true);
    }
    return block(result_header(tool), text, true);
  }
  const OrderedJson& content = member_at(output, "content");  // {"content": ..., "success": ...}
  const bool failed = member_at(output, "success") == false;
  return block(result_header(tool, failed ? "error" : ""),
               content_text(content.is_null() ? output : content), true);
}

std::string call_text(const OrderedJson& item, const std::string& type, ToolNames& names) {
  std::string tool = string_at(item, "name");
  if (tool.empty()) tool = type.substr(0, type.size() - std::string_view("_call").size());
  for (const char* key : {"call_id", "id"}) {
    if (const std::string id = string_at(item, key); !id.empty()) names[id] = tool;
  }
  std::string text = call_block(tool, arguments_of(item));
  if (item.contains("output") && !item["output"].is_null()) {  // a tool the server ran itself
    text += output_block(tool, item["output"]);
  }
  return text;
}

void add_texts(const OrderedJson& parts, std::vector<std::string>& texts) {
  if (!parts.is_array()) return;
  for (const auto& part : parts) {
    if (auto text = string_at(part, "text"); !text.empty()) texts.push_back(std::move(text));
  }
}

}  // namespace

bool is_responses_item(const OrderedJson& value) {
  const std::string type = string_at(value, "type");
  if (type.empty()) return false;
  if (type == "message") {
    return !string_at(value, "role").empty() && has_responses_parts(member_at(value, "content"));
  }
  if (type == "reasoning") return value.contains("summary") || value.contains("encrypted_content");
  if (type == "compaction") return value.contains("encrypted_content");
  if (type == "item_reference") return value.contains("id");
  if (is_output(type)) return value.contains("call_id") && value.contains("output");
  return is_call(type) && (value.contains("call_id") || value.contains("id"));
}

std::vector<std::string> reasoning_texts(const OrderedJson& item) {
  std::vector<std::string> texts;
  add_texts(member_at(item, "summary"), texts);
  add_texts(member_at(item, "content"), texts);
  return texts;
}

std::string reasoning_block(const std::vector<std::string>& texts) {
  std::string text;
  for (const auto& part : texts) (text += text.empty() ? "" : "\n\n") += part;
  return block(header("assistant", "reasoning"), text);
}

ResponsesText responses_text(const OrderedJson& item, ToolNames& names) {
  const std::string type = string_at(item, "type");
  if (type == "reasoning") return {"assistant", reasoning_block(reasoning_texts(item))};
  if (is_output(type)) {
    const auto called = names.find(string_at(item, "call_id"));
    return {"tool", output_block(called == names.end() ? "" : called->second, item["output"])};
  }
  if (is_call(type)) return {"assistant", call_text(item, type, names)};
  const std::string role = string_at(item, "role");
  return {role, block(header(role), content_text(member_at(item, "content")))};
}

}  // namespace fovea
