#include "history/block.h"

#include "history/json_parser.h"
#include "history/readable.h"

namespace fovea {
namespace {

std::string with_name(std::string text, std::string_view name) {
  if (!name.empty()) (text += ' ') += name;
  return text;
}

}  // namespace

std::string block(std::string_view header, std::string_view text, bool even_empty) {
  if (text.empty() && !even_empty) return {};
  std::string out(header);
  out += ":\n";
  out += text;
  if (!text.empty() && text.back() != '\n') out += '\n';
  return out + '\n';
}

std::string header(std::string_view role, std::string_view note) {
  std::string out = one_line(role);
  if (!note.empty()) out += " (" + one_line(note) + ")";
  return out;
}

std::string tool_input_text(const JsonValue& input) {
  if (input.is_null()) return {};
  if (input.is_string()) return input.text();
  if (!input.is_object()) return input.dump();
  std::string out;
  for (const auto& [key, value] : input.members()) out += field_text(key, value);
  return out;
}

std::string call_block(std::string_view tool, const JsonValue& arguments, std::string_view note) {
  const std::string head = header(with_name("tool call", tool), note);
  if (arguments.is_string()) {
    const ParsedJson parsed = parse_json(arguments.text());
    if (parsed.value.is_object()) return block(head, tool_input_text(parsed.value), true);
  }
  return block(head, tool_input_text(arguments), true);
}

std::string result_header(std::string_view tool, std::string_view note) {
  return header(with_name("tool result", tool), note);
}

std::string given_text(const std::string& kind, const std::string& role,
                       const JsonValue& content) {
  JsonValue::Array parts{kind, role};
  std::string given = JsonValue(std::move(parts)).dump();
  given.back() = ',';
  return (given += content.dump()) += ']';
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + ", " + second;
}

std::string on_lines(std::string first, std::string_view second) {
  if (!first.empty() && !second.empty() && first.back() != '\n') first += '\n';
  return first += second;
}

}  // namespace fovea
