#pragma once

#include <map>
#include <set>

#include "src/history/byte_source.h"
#include "src/history/history_reader.h"
#include "src/history/json_line.h"

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
  ClaudeCodeReader(ByteSource source, std::function<void(const BrokenPart&)> broken)
      : source_(std::move(source)), broken_(std::move(broken)) {}
  std::optional<Message> next() override;
  HistoryFormat format() const override { return HistoryFormat::claude_code; }
  std::optional<double> share_read() const override { return source_.share_taken(); }

 private:
  std::optional<Message> read(const OrderedJson& line);
  std::optional<Message> read_turn(const OrderedJson& line);
  std::string turn_text(const OrderedJson& line, const std::string& role,
                        const OrderedJson& content);
  std::string part_block(const OrderedJson& part, const std::string& role,
                         const std::string& note);
  std::string result_block(const OrderedJson& part, const std::string& note);
  std::string said(const std::string& head, const std::string& text, bool even_empty = false);
  std::string note_of(const OrderedJson& line, const OrderedJson& content);
  void report(std::string reason) { broken_({line_, std::move(reason)}); }

  ByteSource source_;
  std::function<void(const BrokenPart&)> broken_;
  std::size_t line_ = 0;
  std::map<std::string, std::string> call_names_;  // tool_use id -> the tool's name
  std::set<std::size_t> prompted_;                 // hashes of the uuids that a prompt follows
  std::string open_message_;  // id of the answer whose header `open_head_` stands last
  std::string open_head_;
};

}  // namespace fovea
