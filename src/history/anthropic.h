#pragma once

#include "src/history/block.h"

namespace fovea {

/// True for content that only Anthropic's API has: a list with a block tool_use, tool_result,
/// thinking or the like.
bool has_anthropic_blocks(const OrderedJson& content);
/// Is `part` a content block of that type?
bool is_block(const OrderedJson& part, std::string_view type);

/// Content blocks of Anthropic messages as text: each gets a header of its own, blocks of the same
/// header that follow each other one. Thinking stands there as it was said, its signature and
/// redacted thinking are left out.
class AnthropicBlocks {
 public:
  /// `note` marks all of the message's headers.
  std::string text(const OrderedJson& content, const std::string& role, const std::string& note);
  /// A text below a header, without the header where the text before it has the same one.
  std::string said(const std::string& head, const std::string& text, bool even_empty = false);
  /// What follows is not said in one breath with what went before.
  void close() { open_head_.clear(); }

 private:
  std::string part_block(const OrderedJson& part, const std::string& role,
                         const std::string& note);
  std::string result_block(const OrderedJson& part, const std::string& note);

  ToolNames names_;
  std::string open_head_;
};

}  // namespace fovea
