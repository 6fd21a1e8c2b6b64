#pragma once

#include "history/conversation.h"

namespace fovea {

/// True for a turn of a ShareGPT conversation: `{"from": ..., "value": ...}`.
bool is_sharegpt_turn(const JsonValue& value);

/// human is user, gpt and its kin are assistant; other names stay.
std::string sharegpt_role(const JsonValue& turn);
/// A turn as it goes onto pages. The value of a function_call turn is JSON with name and arguments.
std::string sharegpt_text(const JsonValue& turn, Conversation& talk);

}  // namespace fovea
