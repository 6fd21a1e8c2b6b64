#pragma once

#include <optional>

#include "fovea/memory.h"
#include "src/history/anthropic.h"

namespace fovea {

/// Whose message a JSON value is. `plain` ones look the same everywhere.
enum class ChatKind { none, plain, openai, responses, anthropic, sharegpt };
ChatKind chat_kind(const OrderedJson& value);

/// Messages of any chat API as they go onto pages, each read by its own kind. Remembers which tools
/// were called, so that their results can name them: one for each conversation or file.
class ChatMessages {
 public:
  /// `source_id` is the message's own id, empty where it has none; `time` 0 where it has none; the
  /// text empty where nothing can be shown, such as encrypted reasoning. Nothing for a value that
  /// is no message.
  std::optional<Message> read(const OrderedJson& value);

 private:
  ToolNames names_;
  AnthropicBlocks blocks_;
};

}  // namespace fovea
