#pragma once

#include <map>
#include <set>
#include <span>

#include "history/content_blocks.h"
#include "history/transcript_reader.h"
#include "history/json_records.h"

namespace fovea {

/// How sure a line shows that its file is a Claude Code session.
enum class ClaudeShape { none, bookkeeping, message };
ClaudeShape claude_shape(const JsonValue& value);

/// Claude Code session files, and what `claude --output-format stream-json` prints, in the order in
/// which things happened. Every branch of the session's tree stands where it was written: a prompt
/// that replaces an earlier one is marked "rewound", a sub-agent's lines "sidechain". An answer
/// that is spread over several lines has one header. What a person typed while Claude worked is
/// read where it was queued, once. Bookkeeping lines (file snapshots, progress) are left out and
/// counted; a line of a kind that is not known is drawn when it says something.
class ClaudeCodeReader : public TranscriptReader {
 public:
  ClaudeCodeReader(ByteSource source, BrokenHandler broken);
  std::optional<Message> read_next() override;
  LeftOut left_out() const override { return talk_.left_out; }

 private:
  std::optional<Message> read(const JsonRecord& record);
  std::optional<Message> read_turn(const JsonValue& line, const JsonRecord& record);
  std::optional<Message> read_progress(const JsonValue& line, const JsonRecord& record);
  std::optional<Message> read_attachment(const JsonValue& line, const JsonRecord& record);
  std::optional<Message> read_queued(const JsonValue& line, const JsonRecord& record);
  std::optional<Message> read_result(const JsonValue& line, const JsonRecord& record);
  std::optional<Message> read_other(const JsonValue& line, const JsonRecord& record);
  std::optional<Message> read_value(const JsonValue& line, const JsonRecord& record);
  std::optional<Message> leave_out(const std::string& kind);
  /// A message of that line, the text below `head`; nothing for an empty text.
  std::optional<Message> message_of(const JsonValue& line, const JsonRecord& record,
                                    const std::string& role, const std::string& head,
                                    const std::string& text);
  std::string unknown_fields(const JsonValue& object, std::span<const std::string_view> known);
  std::string note_of(const JsonValue& line, const JsonValue& content);
  /// False when the prompt was read where it was queued.
  bool is_new_prompt(const JsonValue& content);

  JsonRecords records_;
  Conversation talk_;
  ContentBlocks blocks_;
  std::set<std::size_t> prompted_;     // hashes of the uuids that a prompt follows
  std::string open_message_;           // id of the answer that may go on
  std::map<std::size_t, int> queued_;  // by hash: prompts read where they were queued
  std::map<std::string, std::string> last_field_;  // by key: the last value without a rule
  std::string last_answer_;            // the last text of the assistant
};

}  // namespace fovea
