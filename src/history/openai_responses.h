#pragma once

#include <string>
#include <vector>

#include "history/conversation.h"
#include "history/json_value.h"

namespace fovea {

/// True for an item of OpenAI's Responses API, or of its Agents SDK, that only it has: a call, its
/// output, reasoning, or a message whose parts are input_text or output_text.
bool is_responses_item(const JsonValue& value);

struct ResponsesText {
  std::string role;
  std::string text;  ///< empty: an item without text, such as encrypted reasoning
};

/// An item as it goes onto pages.
ResponsesText responses_text(const JsonValue& item, Conversation& talk);

/// The texts of a reasoning item: summary and, where it is not encrypted, content.
std::vector<std::string> reasoning_texts(const JsonValue& item);
std::string reasoning_block(const std::vector<std::string>& texts);

}  // namespace fovea
