#include "history/json_texts.h"

#include <algorithm>

#include "history/json_parser.h"

namespace fovea {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_json_space);
}

/// Without spaces and the mark in front.
std::string_view begun(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto first = std::find_if_not(text.begin(), text.end(), is_json_space);
  return text.substr(static_cast<std::size_t>(first - text.begin()));
}

struct Ending {
  int depth = 0;  // of the brackets that are open
  bool in_string = false;
  bool lists_messages = false;  // the outermost object has a list of messages, and no type before
};

/// How the brackets that open in `line` stand at its end.
Ending ending_of(std::string_view line) {
  Ending end;
  std::size_t string = 0;
  std::string_view key;
  bool typed = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (end.in_string) {
      if (c == '\\') ++i;
      if (c != '"') continue;
      end.in_string = false;
      if (end.depth == 1) key = line.substr(string, i - string);
    } else if (c == '"') {
      end.in_string = true;
      string = i + 1;
    } else if (c == '{' || c == '[') {
      if (c == '[' && end.depth == 1 && !typed && is_message_list(key)) end.lists_messages = true;
      ++end.depth;
    } else if (c == '}' || c == ']') {
      --end.depth;
    } else if (c == ':' && end.depth == 1) {
      typed = typed || key == "type";
    } else if (c == ',' && end.depth == 1) {
      key = {};
    }
  }
  return end;
}

}  // namespace

JsonLayout json_layout(std::string_view ahead, bool at_end) {
  const std::string_view text = begun(ahead);
  if (text.empty()) return at_end ? JsonLayout::lines : JsonLayout::undecided;
  if (text.front() == '[') return JsonLayout::document;
  if (text.front() != '{') return JsonLayout::lines;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    if (at_end) return JsonLayout::lines;
    const Ending ending = ending_of(text);
    // A document of one line need not have a line feed.
    if (!ending.in_string && ending.depth <= 0) return JsonLayout::document;
    if (text.size() < kLayoutLookAhead / 2) return JsonLayout::undecided;
    return ending.lists_messages ? JsonLayout::document : JsonLayout::lines;
  }
  const Ending ending = ending_of(text.substr(0, end));
  if (ending.in_string || ending.depth <= 0) return JsonLayout::lines;
  // A line that was cut off between two members looks the same; what follows it does not.
  const std::size_t last = text.find_last_not_of(" \t\r", end - 1);
  const std::size_t next = text.find_first_not_of(" \t\r\n", end);
  if (text[last] == ',' && next == std::string_view::npos && !at_end) return JsonLayout::undecided;
  const bool goes_on = text[last] != ',' || next == std::string_view::npos || text[next] == '"';
  return goes_on ? JsonLayout::document : JsonLayout::lines;
}

JsonTexts::JsonTexts(ByteSource& source)
    : source_(source), splitter_([&source] { return source.take(1 << 16); }, source.follows()) {
  const std::string_view ahead = source.peek(kLayoutLookAhead);
  const bool at_end = ahead.size() < kLayoutLookAhead && !source.follows();
  lines_ = json_layout(ahead, at_end) != JsonLayout::document;
}

std::optional<JsonText> JsonTexts::next() { return lines_ ? next_line() : splitter_.next(); }

std::optional<JsonText> JsonTexts::next_line() {
  while (auto line = source_.take_line()) {
    ++line_;
    if (line->held && is_blank(line->text)) continue;
    // Also where files were put together.
    if (line->text.starts_with(kByteOrderMark)) line->text.erase(0, kByteOrderMark.size());
    return JsonText{.text = std::move(line->text),
                    .line = line_,
                    .place = std::to_string(line_),
                    .fault = line->held ? "" : "longer than 256 MB",
                    .closed = line->closed};
  }
  return std::nullopt;
}

}  // namespace fovea
