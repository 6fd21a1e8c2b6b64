#pragma once

#include <unordered_map>

#include "src/history/history_reader.h"
#include "src/history/json_texts.h"
#include "src/history/openai_responses.h"

namespace fovea {

/// True for a line `{"timestamp": ..., "type": ..., "payload": {...}}` of a rollout file.
bool is_codex_line(const OrderedJson& value);

/// Codex rollout files: the items of the conversation. What was said stands there twice, as an item
/// and as an event, in either order; it is read once, wherever it comes first. What Codex itself
/// puts into the conversation (the environment, AGENTS.md) and bookkeeping is left out.
class CodexReader : public HistoryReader {
 public:
  CodexReader(ByteSource source, BrokenHandler broken)
      : HistoryReader(std::move(source), HistoryFormat::codex, std::move(broken)),
        texts_(source_) {}
  std::optional<Message> next() override;

 private:
  struct Times {
    int as_item = 0, as_event = 0;
  };
  using Said = ResponsesText;

  Said said(const std::string& type, const OrderedJson& payload);
  Said item(const OrderedJson& payload);
  Said message_item(const OrderedJson& payload);
  Said reasoning_item(const OrderedJson& payload);
  Said event(const OrderedJson& payload);
  /// False when the same was read from the other kind of line.
  bool is_new_item(const std::string& role, const std::string& text);
  bool is_new_event(const std::string& role, const std::string& text);

  JsonTexts texts_;
  ToolNames names_;
  std::unordered_map<std::size_t, Times> times_;  // by hash of role and text
  std::string last_prompt_;
};

}  // namespace fovea
