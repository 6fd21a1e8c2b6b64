#pragma once

#include "history/json_value.h"

namespace fovea {

/// True for a message of OpenCode's, `{"info": {"role": ...}, "parts": [...]}`, as its server and
/// `opencode export` give it.
bool is_opencode_message(const JsonValue& value);

/// The same as a chat message with parts as Vercel's AI SDK has them; its books (steps, snapshots) are
/// left out.
JsonValue chat_message_of_opencode(const JsonValue& value);

}  // namespace fovea
