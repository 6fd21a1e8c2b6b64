#include "src/history/json_texts.h"

namespace fovea {
namespace {

constexpr std::size_t kLookAhead = 1 << 20;  // a longer first line is cut as a document
constexpr std::string_view kSpaces = " \t\r\n\xEF\xBB\xBF";

enum class Ends { closed, open, in_string };

/// How the brackets that open in `line` stand at its end.
Ends end_of(std::string_view line) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (in_string) {
      if (line[i] == '\\') ++i;
      else if (line[i] == '"') in_string = false;
    } else if (line[i] == '"') {
      in_string = true;
    } else if (line[i] == '{' || line[i] == '[') {
      ++depth;
    } else if (line[i] == '}' || line[i] == ']') {
      --depth;
    }
  }
  if (in_string) return Ends::in_string;
  return depth > 0 ? Ends::open : Ends::closed;
}

}  // namespace

JsonLayout json_layout(std::string_view ahead, bool at_end) {
  const std::size_t first = ahead.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return at_end ? JsonLayout::lines : JsonLayout::undecided;
  if (ahead[first] == '[') return JsonLayout::document;
  if (ahead[first] != '{') return JsonLayout::lines;
  const std::string_view text = ahead.substr(first);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    if (at_end) return JsonLayout::lines;
    // A document of one line need not have a line feed.
    const bool known = text.size() >= kLookAhead / 2 || end_of(text) == Ends::closed;
    return known ? JsonLayout::document : JsonLayout::undecided;
  }
  if (end_of(text.substr(0, end)) != Ends::open) return JsonLayout::lines;
  // A line that was cut off between two members looks the same; what follows it does not.
  const std::size_t last = text.find_last_not_of(" \t\r", end - 1);
  const std::size_t next = text.find_first_not_of(" \t\r\n", end);
  const bool goes_on = text[last] != ',' || next == std::string_view::npos || text[next] == '"';
  return goes_on ? JsonLayout::document : JsonLayout::lines;
}

JsonTexts::JsonTexts(ByteSource& source)
    : source_(source), splitter_([&source] { return source.take(1 << 16); }, source.follows()) {
  const std::string_view ahead = source.peek(kLookAhead);
  const bool at_end = ahead.size() < kLookAhead && !source.follows();
  lines_ = json_layout(ahead, at_end) != JsonLayout::document;
}

std::optional<JsonText> JsonTexts::next() { return lines_ ? next_line() : splitter_.next(); }

std::optional<JsonText> JsonTexts::next_line() {
  while (auto line = source_.take_line()) {
    ++line_;
    if (line->find_first_not_of(kSpaces) == std::string::npos) continue;
    if (line_ == 1 && line->starts_with("\xEF\xBB\xBF")) line->erase(0, 3);
    return JsonText{std::move(*line), line_, std::to_string(line_), JsonText::Part::whole, true};
  }
  return std::nullopt;
}

}  // namespace fovea
