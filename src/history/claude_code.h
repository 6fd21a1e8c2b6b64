#pragma once

#include <set>

#include "src/history/anthropic.h"
#include "src/history/history_reader.h"
#include "src/history/json_texts.h"

namespace fovea {

/// How sure a line shows that its file is a Claude Code session.
enum class ClaudeShape { none, bookkeeping, message };
ClaudeShape claude_shape(const OrderedJson& value);

/// Claude Code session files, in the order in which things happened. Every branch of the session's
/// tree stands where it was written: a prompt that replaces an earlier one is marked "rewound", a
/// sub-agent's lines "sidechain". An answer that is spread over several lines has one header.
/// Bookkeeping lines (file snapshots, queue operations, progress) are left out.
class ClaudeCodeReader : public HistoryReader {
 public:
  ClaudeCodeReader(ByteSource source, BrokenHandler broken)
      : HistoryReader(std::move(source), HistoryFormat::claude_code, std::move(broken)),
        texts_(source_) {}
  std::optional<Message> next() override;

 private:
  std::optional<Message> read(const OrderedJson& line, const JsonText& text);
  std::optional<Message> read_turn(const OrderedJson& line, const JsonText& text);
  std::string note_of(const OrderedJson& line, const OrderedJson& content);

  JsonTexts texts_;
  AnthropicBlocks blocks_;
  std::set<std::size_t> prompted_;  // hashes of the uuids that a prompt follows
  std::string open_message_;        // id of the answer that may go on
};

}  // namespace fovea
