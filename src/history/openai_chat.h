#pragma once

#include <deque>
#include <map>

#include "src/history/byte_source.h"
#include "src/history/history_reader.h"
#include "src/history/json_line.h"
#include "src/history/json_list.h"

namespace fovea {

/// True for `{"role": ..., "content": ...}` and its kin.
bool is_openai_message(const OrderedJson& value);
/// True for `{"messages": [<message>, ...]}`.
bool is_openai_conversation(const OrderedJson& value);

/// OpenAI chat histories: JSON Lines of messages or conversations, or a JSON list of them.
class OpenAiReader : public HistoryReader {
 public:
  OpenAiReader(ByteSource source, std::function<void(const BrokenPart&)> broken);
  std::optional<Message> next() override;
  HistoryFormat format() const override { return HistoryFormat::openai; }
  std::optional<double> share_read() const override { return source_.share_taken(); }

 private:
  std::optional<JsonText> next_text();
  void add(const JsonText& text);
  void add_message(const OrderedJson& value, const std::string& place);
  std::string message_text(const OrderedJson& value);
  std::string calls_text(const OrderedJson& value);
  std::string call_text(const OrderedJson& function);
  std::string result_header(const OrderedJson& value) const;

  ByteSource source_;
  std::function<void(const BrokenPart&)> broken_;
  bool is_list_ = false;
  JsonListSplitter splitter_;
  std::size_t count_ = 0;                         // lines, or elements of the list
  std::deque<Message> ready_;
  std::map<std::string, std::string> call_names_;  // tool_call_id -> the tool's name
};

}  // namespace fovea
