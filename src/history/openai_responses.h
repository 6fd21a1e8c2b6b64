#pragma once

#include <optional>

#include "src/history/block.h"

namespace fovea {

/// True for an item of OpenAI's Responses API that only it has: a call, its output, reasoning, or a
/// message whose parts are input_text or output_text.
bool is_responses_item(const OrderedJson& value);

struct ResponsesText {
  std::string role;
  std::string text;  ///< empty: an item without text, such as encrypted reasoning
};

/// An item as it goes onto pages. Remembers in `names` which tools were called.
ResponsesText responses_text(const OrderedJson& item, ToolNames& names);

/// The texts of a reasoning item: summary and, where it is not encrypted, content.
std::vector<std::string> reasoning_texts(const OrderedJson& item);
std::string reasoning_block(const std::vector<std::string>& texts);

}  // namespace fovea
