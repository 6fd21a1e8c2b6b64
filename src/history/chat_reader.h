#pragma once

#include <deque>

#include "history/chat_messages.h"
#include "history/transcript_reader.h"
#include "history/json_records.h"

namespace fovea {

/// Messages one by one, or conversations, requests and replies that hold a list of them; a text a
/// line or JSON documents. Each message is read by its own kind, so what a file is taken for does
/// not change how a message looks on a page.
class ChatReader : public TranscriptReader {
 public:
  ChatReader(ByteSource source, HistoryFormat format, BrokenHandler broken);
  std::optional<Message> read_next() override;
  LeftOut left_out() const override { return messages_.left_out(); }

 private:
  void add_conversation(const JsonValue& value, const JsonRecord& record);
  void add_entry(const JsonRecord& record);
  /// What stands beside the list of messages: the system prompt, an input that is one text.
  void add_member(const std::string& key, const JsonValue& value, const std::string& place);
  /// False for a value that is no message, and none of an unknown kind that can be read.
  bool add_message(const JsonValue& value, const std::string& place);
  bool add_unknown(const JsonValue& value, const std::string& place);
  void push(Message message, const std::string& place);

  JsonRecords records_;
  std::deque<Message> ready_;
  ChatMessages messages_;
  Time time_ = 0;  // of the conversation
};

}  // namespace fovea
