#include "src/history/anthropic.h"

#include <algorithm>

namespace fovea {

bool is_block(const OrderedJson& part, std::string_view type) {
  return part.is_object() && string_at(part, "type") == type;
}

bool has_anthropic_blocks(const OrderedJson& content) {
  if (!content.is_array()) return false;
  return std::any_of(content.begin(), content.end(), [](const OrderedJson& part) {
    return is_block(part, "tool_use") || is_block(part, "server_tool_use") ||
           is_block(part, "thinking") || is_block(part, "redacted_thinking") ||
           (part.is_object() && part.contains("tool_use_id"));
  });
}

std::string AnthropicBlocks::text(const OrderedJson& content, const std::string& role,
                                  const std::string& note) {
  if (!content.is_array()) return said(header(role, note), content_text(content), true);
  std::string text;
  for (const auto& part : content) text += part_block(part, role, note);
  return text;
}

std::string AnthropicBlocks::part_block(const OrderedJson& part, const std::string& role,
                                        const std::string& note) {
  if (is_block(part, "thinking")) {
    return said(header(role, joined("thinking", note)), string_at(part, "thinking"));
  }
  if (is_block(part, "redacted_thinking")) return {};
  if (is_block(part, "tool_use") || is_block(part, "server_tool_use")) {
    const std::string name = string_at(part, "name");
    names_[string_at(part, "id")] = name;
    close();
    return call_block(name, member_at(part, "input"), note);
  }
  if (part.is_object() && part.contains("tool_use_id")) return result_block(part, note);
  return said(header(role, note), content_text(OrderedJson::array({part})));
}

std::string AnthropicBlocks::result_block(const OrderedJson& part, const std::string& note) {
  const auto called = names_.find(string_at(part, "tool_use_id"));
  const bool failed = member_at(part, "is_error") == true;
  close();
  return block(result_header(called == names_.end() ? "" : called->second,
                             joined(failed ? "error" : "", note)),
               content_text(member_at(part, "content")), true);
}

std::string AnthropicBlocks::said(const std::string& head, const std::string& text,
                                  bool even_empty) {
  if (text.empty() && !even_empty) return {};
  std::string whole = block(head, text, true);
  if (head == open_head_) whole.erase(0, head.size() + 2);
  open_head_ = head;
  return whole;
}

}  // namespace fovea
