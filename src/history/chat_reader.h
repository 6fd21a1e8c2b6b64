#pragma once

#include <deque>

#include "src/history/chat_messages.h"
#include "src/history/history_reader.h"
#include "src/history/json_texts.h"

namespace fovea {

/// Messages one by one, or conversations, requests and replies that hold a list of them; a text a
/// line or JSON documents. Each message is read by its own kind, so what a file is taken for does
/// not change how a message looks on a page.
class ChatReader : public HistoryReader {
 public:
  ChatReader(ByteSource source, HistoryFormat format, BrokenHandler broken)
      : HistoryReader(std::move(source), format, std::move(broken)), texts_(source_) {}
  std::optional<Message> next() override;

 private:
  void add(const JsonText& text);
  void add_conversation(const OrderedJson& value, const JsonText& text);
  void add_entry(const OrderedJson& value, const JsonText& text, const std::string& place);
  /// What stands beside the list of messages: the system prompt, an input that is one text.
  void add_member(const std::string& key, const OrderedJson& value, const std::string& place);
  /// False for a value that is no message.
  bool add_message(const OrderedJson& value, const std::string& place);
  void push(Message message, const std::string& place);

  JsonTexts texts_;
  std::deque<Message> ready_;
  ChatMessages messages_;
  Time time_ = 0;  // of the conversation
};

}  // namespace fovea
