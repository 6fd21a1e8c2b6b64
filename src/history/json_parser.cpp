#include "history/json_parser.h"

#include <algorithm>

#include <unicode/utf8.h>

#include "core/ascii.h"

namespace fovea {
namespace {

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_character(UChar32 character, std::string& out) {
  std::uint8_t bytes[U8_MAX_LENGTH];
  int length = 0;
  U8_APPEND_UNSAFE(bytes, length, character);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

/// With U+FFFD for what is not UTF-8.
std::string valid_utf8(std::string text) {
  if (is_ascii(text)) return text;
  std::string out;
  out.reserve(text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    UChar32 character = 0;
    U8_NEXT(bytes, at, text.size(), character);
    if (character < 0) out += "\xEF\xBF\xBD";
    else out.append(text, begin, at - begin);
  }
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  ParsedJson parse(bool alone) {
    ParsedJson parsed;
    bool good = read(parsed.value);
    if (good && alone) {
      skip_space();
      good = at_ == text_.size();
    }
    parsed.end = at_;
    if (!good) {
      parsed.value = {};
      parsed.reason = (reason_.empty() ? "not JSON" : reason_) + " at column " +
                      std::to_string(at_ + 1);
    }
    return parsed;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && is_json_space(text_[at_])) ++at_;
  }

  bool read(JsonValue& root);
  bool open(JsonValue& value);
  bool close_or_next(JsonValue*& into);
  bool next_slot(JsonValue*& into);
  bool scalar(JsonValue& into);
  bool number(JsonValue& into);
  bool digits();
  bool string(std::string& out);
  bool escape(std::string& out);
  int code_unit();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::vector<JsonValue*> open_;  // arrays and objects that the next value stands in
  std::string reason_;
};

bool Parser::read(JsonValue& root) {
  JsonValue* into = &root;
  while (into) {
    skip_space();
    if (++values_ > kMostJsonValues) {
      reason_ = "more than " + std::to_string(kMostJsonValues) + " values";
      return false;
    }
    const char c = peek();
    if (c == '{' || c == '[') {
      if (!open(*into)) return false;
      skip_space();
      if (peek() != (c == '{' ? '}' : ']')) {
        if (!next_slot(into)) return false;
        continue;
      }
    } else if (!scalar(*into)) {
      return false;
    }
    if (!close_or_next(into)) return false;
  }
  return true;
}

bool Parser::open(JsonValue& value) {
  if (open_.size() == kMostJsonLevels) {
    reason_ = "nested deeper than " + std::to_string(kMostJsonLevels) + " levels";
    return false;
  }
  if (text_[at_++] == '{') value.make_object();
  else value.make_array();
  open_.push_back(&value);
  return true;
}

/// After a value or an opening bracket: `into` is where the next value goes, null at the end.
bool Parser::close_or_next(JsonValue*& into) {
  while (!open_.empty()) {
    skip_space();
    if (peek() == (open_.back()->is_object() ? '}' : ']')) {
      ++at_;
      open_.pop_back();
    } else {
      return take(",") && next_slot(into);
    }
  }
  into = nullptr;
  return true;
}

bool Parser::next_slot(JsonValue*& into) {
  JsonValue& container = *open_.back();
  if (container.is_array()) {
    into = &container.array().emplace_back();
    return true;
  }
  skip_space();
  std::string key;
  if (peek() != '"' || !string(key)) return false;
  skip_space();
  if (!take(":")) return false;
  container.add(std::move(key), {});
  into = &container.object().back().value;
  return true;
}

bool Parser::scalar(JsonValue& into) {
  if (peek() == '"') {
    std::string text;
    if (!string(text)) return false;
    into = JsonValue(std::move(text));
    return true;
  }
  if (take("null")) return true;
  if (take("true")) {
    into = JsonValue(true);
    return true;
  }
  if (take("false")) {
    into = JsonValue(false);
    return true;
  }
  return number(into);
}

bool Parser::number(JsonValue& into) {
  const std::size_t begin = at_;
  if (!take("NaN") && !take("Infinity") && !take("-Infinity")) {
    take("-");
    if (!take("0") && !digits()) return false;
    if (is_digit(peek())) return false;  // a zero in front
    if (take(".") && !digits()) return false;
    if (take("e") || take("E")) {
      if (!take("+")) take("-");
      if (!digits()) return false;
    }
  }
  into = JsonValue(JsonValue::Number{std::string(text_.substr(begin, at_ - begin))});
  return true;
}

bool Parser::digits() {
  const std::size_t begin = at_;
  while (is_digit(peek())) ++at_;
  return at_ > begin;
}

bool Parser::string(std::string& out) {
  using namespace std::string_view_literals;
  ++at_;
  while (true) {
    const std::size_t end = text_.find_first_of("\"\\\n\r\0"sv, at_);
    out += text_.substr(at_, end - at_);
    at_ = std::min(end, text_.size());
    if (peek() == '"') break;
    if (peek() != '\\' || !escape(out)) return false;
  }
  ++at_;
  out = valid_utf8(std::move(out));
  return true;
}

bool Parser::escape(std::string& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
  const std::size_t letter = at_ + 1 < text_.size() ? kLetters.find(text_[at_ + 1])
                                                     : std::string_view::npos;
  if (letter != std::string_view::npos) {
    out += kMeant[letter];
    at_ += 2;
    return true;
  }
  const int unit = code_unit();
  if (unit < 0) return false;
  at_ += 6;
  UChar32 character = unit;
  if (U16_IS_LEAD(unit)) {
    const int next = code_unit();
    if (next >= 0 && U16_IS_TRAIL(next)) {
      character = U16_GET_SUPPLEMENTARY(unit, next);
      at_ += 6;
    }
  }
  append_character(U_IS_SURROGATE(character) ? 0xFFFD : character, out);
  return true;
}

/// The value of the \uXXXX that comes next; -1 when there is none.
int Parser::code_unit() {
  if (text_.size() < at_ + 6 || text_[at_] != '\\' || text_[at_ + 1] != 'u') return -1;
  int unit = 0;
  for (const char c : text_.substr(at_ + 2, 4)) {
    const int digit = hex_digit(c);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

}  // namespace

ParsedJson parse_json(std::string_view text) { return Parser(text).parse(true); }
ParsedJson parse_json_at_front(std::string_view text) { return Parser(text).parse(false); }

bool is_json_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '\v' || c == '\f' ||
         c == '\x1E';  // what a JSON text sequence (RFC 7464) begins its texts with
}

}  // namespace fovea
