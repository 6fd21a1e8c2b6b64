#pragma once

#include <unordered_map>

#include "history/transcript_reader.h"
#include "history/json_records.h"
#include "history/openai_responses.h"

namespace fovea {

/// True for a line `{"timestamp": ..., "type": ..., "payload": {...}}` of a rollout file.
bool is_codex_line(const JsonValue& value);

/// Codex rollout files: the items of the conversation. What was said stands there twice, as an item
/// and as an event, in either order; it is read once, wherever it comes first. What Codex itself
/// puts into the conversation (the environment, AGENTS.md) and bookkeeping is left out and counted;
/// an item, an event or a line of a kind that is not known is drawn when it says something.
class CodexReader : public TranscriptReader {
 public:
  CodexReader(ByteSource source, BrokenHandler broken);
  std::optional<Message> read_next() override;
  LeftOut left_out() const override { return talk_.left_out; }

 private:
  struct Times {
    int as_item = 0, as_event = 0;
  };
  using Said = ResponsesText;

  Said said(const std::string& type, const JsonValue& payload);
  Said unframed(const JsonValue& line);
  Said item(const JsonValue& payload);
  Said message_item(const JsonValue& payload);
  Said reasoning_item(const JsonValue& payload);
  Said event(const JsonValue& payload);
  Said user_event(const JsonValue& payload);
  Said unknown(const std::string& type, const JsonValue& payload);
  Said leave_out(const std::string& kind);
  /// Without the sections that Codex wrote.
  JsonValue typed_part(const JsonValue& part);
  /// False when the same was read from the other kind of line.
  bool is_new_item(const std::string& role, const std::string& text);
  bool is_new_event(const std::string& role, const std::string& text);

  JsonRecords records_;
  Conversation talk_;
  std::unordered_map<std::size_t, Times> times_;  // by hash of role and text
  std::string last_prompt_;
};

}  // namespace fovea
