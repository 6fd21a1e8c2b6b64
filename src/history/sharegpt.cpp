#include "history/sharegpt.h"

#include "history/block.h"
#include "history/json_parser.h"
#include "history/parts.h"

namespace fovea {
namespace {

std::string value_text(const JsonValue& turn, const std::string& role, Conversation& talk) {
  const JsonValue& value = turn["value"];
  if (role == "tool") return block(result_header({}), result_text(value, talk.left_out), true);
  if (turn.text_at("from") == "function_call") {
    const ParsedJson call = parse_json(value.text());
    const std::string& name = call.value.text_at("name");
    if (name.empty()) return call_block({}, value);
    return call_block(name, call.value["arguments"]);
  }
  return block(header(role), content_text(value, talk.left_out), true);
}

}  // namespace

bool is_sharegpt_turn(const JsonValue& value) {
  return !value.text_at("from").empty() && value.contains("value");
}

std::string sharegpt_role(const JsonValue& turn) {
  const std::string& from = turn.text_at("from");
  if (from == "human") return "user";
  for (const char* model : {"gpt", "chatgpt", "bot", "bing", "bard", "model", "function_call"}) {
    if (from == model) return "assistant";
  }
  return from == "observation" || from == "function_response" ? "tool" : from;
}

std::string sharegpt_text(const JsonValue& turn, Conversation& talk) {
  const std::string role = sharegpt_role(turn);
  return value_text(turn, role, talk) +
         block(header(role, "more"), rest_text(turn, {"from", "value", "type"}, talk.left_out));
}

}  // namespace fovea
