#pragma once

#include <optional>

#include "fovea/message.h"
#include "history/content_blocks.h"

namespace fovea {

/// Whose message a JSON value is. `plain` ones look the same everywhere.
enum class ChatKind {
  none,
  plain,
  prompt,  ///< a prompt in the log that a tool keeps of what was typed
  openai,
  responses,
  anthropic,
  sharegpt,
  gemini,
  langchain,
  opencode,
  vercel,
};
ChatKind chat_kind(const JsonValue& value);

/// Messages of any chat API as they go onto pages, each read by its own kind. Remembers which tools
/// were called, so that their results can name them: one for each conversation or file.
class ChatMessages {
 public:
  /// `source_id` is the message's own id, empty where it has none; `time` 0 where it has none; the
  /// text empty where nothing can be shown, such as encrypted reasoning. Nothing for a value that
  /// is no message.
  std::optional<Message> read(const JsonValue& value);
  /// A value of a kind that is not known, by what is readable in it; nothing where that is nothing.
  std::optional<Message> read_unknown(const JsonValue& value);

  const LeftOut& left_out() const { return talk_.left_out; }
  Conversation& conversation() { return talk_; }

 private:
  Conversation talk_;
  ContentBlocks blocks_;
};

}  // namespace fovea
