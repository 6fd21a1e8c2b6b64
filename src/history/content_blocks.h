#pragma once

#include <string>

#include "history/conversation.h"
#include "history/json_value.h"

namespace fovea {

/// True for content that only Anthropic's API has: a list with a block tool_use, tool_result,
/// thinking or the like.
bool has_anthropic_blocks(const JsonValue& content);
/// Is `part` a content block of that type?
bool is_block(const JsonValue& part, std::string_view type);
/// Is `part` what a tool gave back, in any API?
bool is_result(const JsonValue& part);
/// A message of nothing but results is the tool's, whoever sends it.
bool is_all_results(const JsonValue& content);

/// The content of messages as text, whatever API its blocks are of: what is said, thought, called
/// and given back gets a header of its own, blocks of the same header that follow each other one.
/// Thinking stands there as it was said, its signature and redacted thinking are left out.
class ContentBlocks {
 public:
  /// `note` marks all of the message's headers.
  std::string text(const JsonValue& content, const std::string& role, const std::string& note,
                   Conversation& talk);
  /// A text below a header, without the header where the text before it has the same one.
  std::string said(const std::string& head, const std::string& text, bool even_empty = false);
  /// What follows is not said in one breath with what went before.
  void close() { open_head_.clear(); }

 private:
  std::string block_text(const JsonValue& part, const std::string& role, const std::string& note,
                         Conversation& talk);
  std::string reasoning(const JsonValue& part, const std::string& role, const std::string& note,
                        Conversation& talk);
  std::string call(const JsonValue& part, const std::string& note, Conversation& talk);
  std::string result(const JsonValue& part, const std::string& note, Conversation& talk);

  std::string open_head_;
};

}  // namespace fovea
