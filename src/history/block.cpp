#include "src/history/block.h"

#include "src/history/json_line.h"

namespace fovea {
namespace {

std::string dumped(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

/// `[image image/png]` for inline data, `[image https://...]` for an address.
std::string bracket(std::string_view kind, std::string_view address) {
  if (address.starts_with("data:")) address = address.substr(5, address.find_first_of(";,") - 5);
  std::string shown(1, '[');
  shown += kind;
  if (!address.empty()) (shown += ' ') += address;
  return one_line(shown += ']');
}

std::string image_text(const OrderedJson& part) {
  const auto url = part.find("image_url");
  if (url != part.end()) {
    return bracket("image", url->is_object() ? string_at(*url, "url")
                                             : (url->is_string() ? url->get<std::string>() : ""));
  }
  const OrderedJson& source = member_at(part, "source");
  const std::string address = string_at(source, "url");
  return bracket("image", address.empty() ? string_at(source, "media_type") : address);
}

std::string part_text(const OrderedJson& part) {
  if (part.is_string()) return part.get<std::string>();
  if (!part.is_object()) return dumped(part);
  const std::string type = string_at(part, "type");
  if (type == "image_url" || type == "input_image" || type == "image") return image_text(part);
  if (part.contains("text")) return string_at(part, "text");
  if (type == "refusal") return string_at(part, "refusal");
  return type.empty() ? dumped(part) : bracket(type, {});
}

std::string field_text(const std::string& key, const OrderedJson& value) {
  if (!value.is_string()) return one_line(key) + ": " + dumped(value) + "\n";
  const auto& text = value.get_ref<const std::string&>();
  if (text.find('\n') == std::string::npos) return one_line(key) + ": " + text + "\n";
  return one_line(key) + ":\n" + text + (text.ends_with('\n') ? "" : "\n");
}

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

std::string tool_input_text(const OrderedJson& input) {
  if (input.is_null()) return {};
  if (input.is_string()) return input.get<std::string>();
  if (!input.is_object()) return dumped(input);
  std::string out;
  for (const auto& [key, value] : input.items()) out += field_text(key, value);
  return out;
}

std::string call_block(std::string_view tool, const OrderedJson& arguments,
                       std::string_view note) {
  const std::string head = header(with_name("tool call", tool), note);
  if (arguments.is_string()) {
    const ParsedJson parsed = parse_json(arguments.get_ref<const std::string&>());
    if (parsed.value.is_object()) return block(head, tool_input_text(parsed.value), true);
  }
  return block(head, tool_input_text(arguments), true);
}

std::string result_header(std::string_view tool, std::string_view note) {
  return header(with_name("tool result", tool), note);
}

std::string content_text(const OrderedJson& content) {
  if (content.is_null()) return {};
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) return part_text(content);
  std::string out;
  for (const auto& part : content) {
    const std::string text = part_text(part);
    if (!out.empty() && !text.empty() && out.back() != '\n') out += '\n';
    out += text;
  }
  return out;
}

std::string string_at(const OrderedJson& object, const char* key) {
  const OrderedJson& value = member_at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

const OrderedJson& member_at(const OrderedJson& object, const char* key) {
  static const OrderedJson missing;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() ? missing : *found;
}

std::string given_text(const std::string& kind, const std::string& role,
                       const OrderedJson& content) {
  return dumped(OrderedJson::array({kind, role, content}));
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + ", " + second;
}

}  // namespace fovea
