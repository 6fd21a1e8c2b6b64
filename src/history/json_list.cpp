#include "src/history/json_list.h"

namespace fovea {

/// False at the end of the file; otherwise chunk_[at_] is the next character.
bool JsonListSplitter::advance(ByteSource& source) {
  if (at_ < chunk_.size()) return true;
  chunk_ = source.take(1 << 16);
  at_ = 0;
  return !chunk_.empty();
}

void JsonListSplitter::skip_between(ByteSource& source) {
  for (; advance(source); ++at_) {
    const char c = chunk_[at_];
    if (c == '\n') ++line_;
    if (c == '[' && !in_list_) {
      in_list_ = true;
    } else if (c == ']' && in_list_) {
      in_list_ = false;
    } else if (c != ',' && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      return;
    }
  }
}

/// True when `c`, the next character, no longer belongs to the element.
bool JsonListSplitter::ends_element(char c) {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
    return false;
  }
  if (depth_ == 0 && (c == ',' || c == ']')) return true;
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if (c == '}' || c == ']') --depth_;
  return false;
}

std::optional<JsonText> JsonListSplitter::next(ByteSource& source) {
  skip_between(source);
  if (!advance(source)) return std::nullopt;
  JsonText element;
  element.line = line_;
  depth_ = 0;
  in_string_ = escaped_ = false;
  for (; advance(source); ++at_) {
    if (ends_element(chunk_[at_])) return element;
    if (chunk_[at_] == '\n') ++line_;
    element.text += chunk_[at_];
  }
  element.whole = false;
  return element;
}

}  // namespace fovea
