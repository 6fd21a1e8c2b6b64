#include "history/json_splitter.h"

#include <string_view>
#include <utility>

#include "history/json_parser.h"
#include "history/one_of.h"

namespace fovea {
namespace {

constexpr const char* kCutOff = "the file ends inside this message";
constexpr const char* kTooLong = "longer than 256 MB";

bool is_byte_order_mark(char c) { return c == '\xEF' || c == '\xBB' || c == '\xBF'; }

void strip_end(std::string& text) {
  while (!text.empty() && (is_json_space(text.back()) || text.back() == ',')) text.pop_back();
}

}  // namespace

bool is_message_list(std::string_view key) {
  return is_one_of(key, {"messages", "conversations", "input", "output", "contents", "candidates",
                         "choices", "history", "data", "items"});
}

std::optional<JsonText> JsonSplitter::next() {
  while (ready_.empty()) {
    if (!advance()) {
      if (!waits_) end_of_file();
      break;
    }
    step(chunk_[at_++]);
  }
  if (ready_.empty()) return std::nullopt;
  JsonText text = std::move(ready_.front());
  ready_.pop_front();
  return text;
}

bool JsonSplitter::advance() {
  if (at_ < chunk_.size()) return true;
  chunk_ = chunks_();
  at_ = 0;
  return !chunk_.empty();
}

void JsonSplitter::step(char c) {
  const bool first_on_line = !line_begun_ && !is_json_space(c);
  if (broken_) {
    skip_broken(c);
  } else if (in_entry_) {
    // A sibling begins before this entry has ended: a bracket is missing.
    const bool sibling = c == '{' && indent_ && *indent_ > 0 && column_ == *indent_;
    if (first_on_line && (sibling || begins_next_object(c))) {
      end_entry();
      step_between(c);
    } else {
      step_entry(c);
    }
  } else if (where_ == Where::members) {
    step_members(c);
  } else {
    step_between(c);
  }
  if (!is_json_space(c)) last_ = c;
  line_begun_ = c != '\n' && (line_begun_ || !is_json_space(c));
  column_ = c == '\n' ? 0 : column_ + 1;
  if (c == '\n') ++line_;
}

void JsonSplitter::step_between(char c) {
  if (begins_next_object(c) && last_ != ',' && last_ != '[') where_ = Where::top;
  if (is_json_space(c) || c == ',' || (where_ == Where::top && is_byte_order_mark(c))) return;
  if (c == ']' && where_ != Where::top) {
    where_ = where_ == Where::list ? Where::top : Where::members;
  } else if (c == '[' && where_ == Where::top) {
    where_ = Where::list;
  } else if (c == '{' && where_ == Where::top) {
    where_ = Where::members;
    begin_members();
    object_line_ = members_line_ = line_;
    messages_ = 0;
    typed_ = listed_ = false;
  } else {
    begin_entry(c);
  }
}

void JsonSplitter::begin_entry(char c) {
  entry_ = {};
  entry_.line = line_;
  if (where_ == Where::messages) {
    entry_.part = JsonText::Part::element;
    entry_.place = std::to_string(object_line_) + "." + std::to_string(++messages_);
  } else {
    entry_.place = std::to_string(where_ == Where::list ? ++entries_ : line_);
  }
  indent_.reset();
  if (!line_begun_) indent_ = column_;
  depth_ = 0;
  in_string_ = escaped_ = false;
  in_entry_ = true;
  step_entry(c);
}

/// False when `c` stands outside of strings.
bool JsonSplitter::step_string(char c) {
  if (!in_string_) {
    in_string_ = c == '"';
    return in_string_;
  }
  if (escaped_) {
    escaped_ = false;
  } else if (c == '\\') {
    escaped_ = true;
  } else if (c == '"') {
    in_string_ = false;
  }
  return true;
}

void JsonSplitter::step_entry(char c) {
  if (c == '\n' && in_string_) {  // not allowed in JSON: the text was cut here
    end_entry();
    broken_ = true;
    return;
  }
  if (!step_string(c)) {
    const bool bare = depth_ == 0 && !entry_.text.empty();
    if (bare && (c == ',' || c == ']' || c == '\n')) {
      end_entry();
      if (c == ']') step_between(c);
      return;
    }
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && --depth_ <= 0) {
      append(entry_.text, c);
      end_entry();
      return;
    }
  }
  append(entry_.text, c);
}

/// Leaves the rest of a broken entry out, up to a line that begins as the entry's did or ends the
/// list.
void JsonSplitter::skip_broken(char c) {
  if (line_begun_ || is_json_space(c)) return;
  const bool next = c == '{' && (!indent_ || column_ == *indent_);
  const bool end = c == ']' && indent_ && column_ < *indent_;
  if (!next && !end) return;
  broken_ = false;
  step_between(c);
}

/// In a file with an object a line, the line before was cut.
bool JsonSplitter::begins_next_object(char c) const {
  return c == '{' && column_ == 0 && listed_ && where_ != Where::top && !indent_ &&
         line_ == object_line_ + 1;
}

void JsonSplitter::end_entry(std::string fault) {
  entry_.fault = too_long_ ? kTooLong : std::move(fault);
  too_long_ = false;
  ready_.push_back(std::move(entry_));
  in_entry_ = in_string_ = escaped_ = false;
  depth_ = 0;
}

void JsonSplitter::step_members(char c) {
  if (c == '\n' && in_string_) in_string_ = escaped_ = false;  // cut; parsing will say so
  const bool was_in_string = in_string_;
  if (step_string(c)) {
    if (!was_in_string) string_begin_ = members_.size() + 1;
    if (!in_string_ && depth_ == 0 && !too_long_) key_ = members_.substr(string_begin_);
    append(members_, c);
    return;
  }
  if (members_ == "{" && (is_json_space(c) || c == ',')) return;
  if (listed_ && depth_ == 0 && last_ == ']' && begins_next_object(c)) return step_between(c);
  if (members_ == "{") members_line_ = line_;
  if (c == ':' && depth_ == 0 && key_ == "type") typed_ = true;
  if (c == '[' && depth_ == 0 && !typed_ && is_message_list(key_)) {
    members_.erase(string_begin_ - 1);  // the key
    listed_ = true;
    emit_members(JsonText::Part::head);
    where_ = Where::messages;
    return;
  }
  if (c == '}' && depth_ == 0) {
    emit_members(listed_ ? JsonText::Part::head : JsonText::Part::whole);
    where_ = Where::top;
    return;
  }
  if (c == '{' || c == '[') ++depth_;
  if (c == '}' || c == ']') --depth_;
  append(members_, c);
}

void JsonSplitter::begin_members() {
  members_.assign(1, '{');
  key_.clear();
  depth_ = 0;
  in_string_ = escaped_ = false;
}

void JsonSplitter::emit_members(JsonText::Part part, std::string fault) {
  if (std::exchange(too_long_, false)) fault = kTooLong;
  strip_end(members_);
  if (members_ != "{" || part == JsonText::Part::whole) {
    const std::string place = std::to_string(object_line_);
    ready_.push_back({.text = members_ + "}",
                      .line = members_line_,
                      .place = place,
                      .part = part,
                      .fault = std::move(fault)});
  }
  begin_members();
}

/// No more of a text is held than can be parsed.
void JsonSplitter::append(std::string& text, char c) {
  if (text.size() < kLongestJsonText) text += c;
  else too_long_ = true;
}

void JsonSplitter::end_of_file() {
  if (in_entry_) end_entry(depth_ == 0 && !in_string_ ? "" : kCutOff);
  if (where_ == Where::members && members_ != "{") emit_members(JsonText::Part::whole, kCutOff);
  where_ = Where::top;
}

}  // namespace fovea
