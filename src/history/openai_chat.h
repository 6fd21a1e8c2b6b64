#pragma once

#include "history/content_blocks.h"

namespace fovea {

/// True for an object with a role that says something: `{"role": ..., "content": ...}` and its kin
/// of OpenAI, Anthropic and Vercel's AI SDK.
bool is_chat_message(const JsonValue& value);
/// True for such a message with something that only OpenAI's chat API has: tool calls, a tool's
/// answer, parts of type image_url.
bool is_openai_alone(const JsonValue& value);
/// True for one that only Vercel's AI SDK has: `parts` with types, `toolInvocations`, parts of type
/// tool-call.
bool is_vercel_alone(const JsonValue& value);

/// A message as it goes onto pages.
std::string chat_text(const JsonValue& message, ContentBlocks& blocks, Conversation& talk);

}  // namespace fovea
