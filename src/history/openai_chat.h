#pragma once

#include "src/history/block.h"

namespace fovea {

/// True for `{"role": ..., "content": ...}` and its kin.
bool is_openai_message(const OrderedJson& value);
/// True for such a message with something that only OpenAI's chat API has: tool calls, a tool's
/// answer, parts of type image_url.
bool is_openai_alone(const OrderedJson& value);

/// A message as it goes onto pages. Remembers in `names` which tools were called.
std::string openai_text(const OrderedJson& message, ToolNames& names);

}  // namespace fovea
