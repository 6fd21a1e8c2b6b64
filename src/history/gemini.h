#pragma once

#include <optional>

#include "history/content_blocks.h"

namespace fovea {

/// True for a content of Gemini's API, `{"role": ..., "parts": [...]}`, and for a message of a
/// session, a log or a checkpoint that Gemini CLI writes.
bool is_gemini_message(const JsonValue& value);

/// model is assistant, and so is gemini; a message of function responses alone is tool.
std::string gemini_role(const JsonValue& message);
/// A message as it goes onto pages.
std::string gemini_text(const JsonValue& message, ContentBlocks& blocks, Conversation& talk);

}  // namespace fovea
