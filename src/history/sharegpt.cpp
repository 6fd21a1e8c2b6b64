#include "src/history/sharegpt.h"

#include "src/history/json_line.h"

namespace fovea {

bool is_sharegpt_turn(const OrderedJson& value) {
  return value.is_object() && !string_at(value, "from").empty() && value.contains("value");
}

std::string sharegpt_role(const OrderedJson& turn) {
  const std::string from = string_at(turn, "from");
  if (from == "human") return "user";
  for (const char* model : {"gpt", "chatgpt", "bot", "bing", "bard", "model", "function_call"}) {
    if (from == model) return "assistant";
  }
  return from == "observation" || from == "function_response" ? "tool" : from;
}

std::string sharegpt_text(const OrderedJson& turn) {
  const std::string role = sharegpt_role(turn);
  const OrderedJson& value = turn["value"];
  if (role == "tool") return block(result_header({}), content_text(value), true);
  if (string_at(turn, "from") == "function_call") {
    const ParsedJson call = parse_json(content_text(value));
    const std::string name = string_at(call.value, "name");
    if (name.empty()) return call_block({}, value);
    return call_block(name, member_at(call.value, "arguments"));
  }
  return block(header(role), content_text(value), true);
}

}  // namespace fovea
