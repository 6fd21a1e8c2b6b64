#pragma once

#include "history/json_value.h"

namespace fovea {

/// True for a message of LangChain's: of `messages_to_dict` ({"type": "human", "data": ...}), of
/// its serialisation ({"lc": 1, "type": "constructor", "id": [..., "HumanMessage"], "kwargs": ...})
/// or the message itself as JSON ({"type": "human", "content": ..., "additional_kwargs": ...}).
bool is_langchain_message(const JsonValue& value);

/// The same as a chat message: `role`, and the members of LangChain's own.
JsonValue chat_message_of_langchain(const JsonValue& value);

}  // namespace fovea
