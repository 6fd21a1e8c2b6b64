#include "history/json_value.h"

#include <algorithm>

namespace fovea {
namespace {

void dump_string(const std::string& text, std::string& out) {
  static constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  static constexpr std::string_view kLetters = "\"\\bfnrt";
  static constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const std::size_t at = kEscaped.find(c);
    if (at != std::string_view::npos) {
      (out += '\\') += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

const std::string& JsonValue::text() const {
  static const std::string none;
  const auto* text = std::get_if<std::string>(&value_);
  return text ? *text : none;
}

const std::string& JsonValue::spelling() const {
  static const std::string none;
  const auto* number = std::get_if<Number>(&value_);
  return number ? number->spelling : none;
}

const JsonValue::Array& JsonValue::elements() const {
  static const Array none;
  const auto* elements = std::get_if<Array>(&value_);
  return elements ? *elements : none;
}

const JsonValue::Object& JsonValue::members() const {
  static const Object none;
  const auto* members = std::get_if<Object>(&value_);
  return members ? *members : none;
}

const JsonValue& JsonValue::operator[](std::string_view key) const {
  static const JsonValue missing;
  const Object& all = members();
  const auto found = std::find_if(all.rbegin(), all.rend(),
                                  [&](const Member& member) { return member.key == key; });
  return found == all.rend() ? missing : found->value;
}

bool JsonValue::contains(std::string_view key) const {
  const Object& all = members();
  return std::any_of(all.begin(), all.end(),
                     [&](const Member& member) { return member.key == key; });
}

void JsonValue::add(std::string key, JsonValue value) {
  object().push_back({std::move(key), std::move(value)});
}

std::string JsonValue::first_text(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    if (const std::string& text = text_at(key); !text.empty()) return text;
  }
  return {};
}

std::string JsonValue::dump() const {
  std::string out;
  dump_to(out);
  return out;
}

void JsonValue::dump_to(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (is_bool()) {
    out += is_true() ? "true" : "false";
  } else if (is_number()) {
    out += spelling();
  } else if (is_string()) {
    dump_string(text(), out);
  } else if (is_array()) {
    out += '[';
    for (const JsonValue& element : elements()) {
      if (&element != &elements().front()) out += ',';
      element.dump_to(out);
    }
    out += ']';
  } else {
    out += '{';
    for (const Member& member : members()) {
      if (&member != &members().front()) out += ',';
      dump_string(member.key, out);
      out += ':';
      member.value.dump_to(out);
    }
    out += '}';
  }
}

}  // namespace fovea
