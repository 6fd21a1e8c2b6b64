#include "memory/written_escapes.h"

#include <algorithm>
#include <optional>
#include <string>

namespace fovea {
namespace {

constexpr std::int32_t kEscape = 0x1b;

struct Escape {
  std::int32_t value;
  std::size_t length;  ///< bytes of the text
  bool is_byte;        ///< `value` is one of UTF-8's bytes
};

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

class Unescaper {
 public:
  explicit Unescaper(std::string_view text) : text_(text) {}

  std::vector<Sign> signs() && {
    while (at_ < text_.size()) {
      const auto escape = escape_at(at_);
      if (escape && escape->is_byte) {
        add_bytes();
      } else if (escape) {
        add(escape->value, escape->length);
      } else {
        const CodePoint point = code_point_at(text_, at_);
        if (is_bare_colour(at_)) signs_.push_back({kEscape, at_, at_});
        add(point.value, point.length);
      }
    }
    return std::move(signs_);
  }

 private:
  char byte(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  void add(std::int32_t value, std::size_t length) {
    signs_.push_back({value, at_, at_ + length});
    at_ += length;
  }

  /// `count` digits from `at` on, or fewer where `exact` is off; nothing when there are none.
  std::optional<std::int32_t> number(std::size_t at, std::size_t count, int base, bool exact,
                                     std::size_t& end) const {
    std::uint32_t value = 0;  // eight digits of base 16 fill it
    for (end = at; end - at < count && digit_of(byte(end)) < base; ++end)
      value = value * static_cast<std::uint32_t>(base) +
              static_cast<std::uint32_t>(digit_of(byte(end)));
    if (end == at || (exact && end - at < count)) return {};
    return static_cast<std::int32_t>(value);
  }

  std::optional<Escape> escape_at(std::size_t at) const {
    std::size_t end = 0;
    if (byte(at) == '%') {
      const auto value = number(at + 1, 2, 16, true, end);
      return value ? std::optional(Escape{*value, 3, true}) : std::nullopt;
    }
    if (byte(at) == '^' && byte(at + 1) == '[' && byte(at + 2) == '[') return Escape{kEscape, 2, false};
    if (byte(at) != '\\') return {};
    const std::size_t letter = std::min(text_.find_first_not_of('\\', at), text_.size());
    Escape escape = after_backslashes(letter);
    escape.length += letter - at;
    return escape;
  }

  /// `length`: from the letter on. What is no escape has the backslashes alone for one.
  Escape after_backslashes(std::size_t letter) const {
    const char kind = byte(letter);
    std::size_t end = 0;
    if (kind != '\0' && std::string_view("nrtbfva").find(kind) != std::string_view::npos) return {' ', 1, false};
    if (kind == 'e') return {kEscape, 1, false};
    if (kind == 'x') {
      if (const auto value = number(letter + 1, 2, 16, true, end)) return {*value, 3, true};
    } else if (kind == 'u' && byte(letter + 1) == '{') {
      const auto value = number(letter + 2, 6, 16, false, end);
      if (value && byte(end) == '}') return {checked(*value), end + 1 - letter, false};
    } else if (kind == 'u') {
      if (const auto value = number(letter + 1, 4, 16, true, end)) return utf16(*value, letter);
    } else if (kind == 'U') {
      if (const auto value = number(letter + 1, 8, 16, true, end)) return {checked(*value), 9, false};
    } else if (const auto value = number(letter, 3, 8, false, end)) {
      return {*value & 0xff, end - letter, true};
    }
    return {' ', 0, false};
  }

  static std::int32_t checked(std::int32_t value) {
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    return value < 0 || value > 0x10ffff || surrogate ? ' ' : value;
  }

  /// "\uXXXX" whose u is at `letter`, with the second half of a pair if there is one.
  Escape utf16(std::int32_t value, std::size_t letter) const {
    std::size_t end = letter + 5;
    if (value >= 0xd800 && value < 0xdc00 && byte(end) == '\\') {
      const std::size_t second = std::min(text_.find_first_not_of('\\', end), text_.size());
      const auto low = byte(second) == 'u' ? number(second + 1, 4, 16, true, end) : std::nullopt;
      if (low && *low >= 0xdc00 && *low < 0xe000)
        return {0x10000 + ((value - 0xd800) << 10) + (*low - 0xdc00), end - letter, false};
    }
    return {checked(value), 5, false};
  }

  /// Bytes that are written one after the other are UTF-8 together; what is none is Latin-1.
  void add_bytes() {
    std::string bytes;
    std::vector<std::size_t> lengths;
    std::size_t end = at_;
    for (auto escape = escape_at(end); escape && escape->is_byte; escape = escape_at(end)) {
      bytes += static_cast<char>(escape->value);
      lengths.push_back(escape->length);
      end += escape->length;
    }
    for (std::size_t i = 0; i < bytes.size();) {
      const CodePoint point = code_point_at(bytes, i);
      std::size_t length = 0;
      for (std::size_t k = i; k < i + point.length; ++k) length += lengths[k];
      add(point.value < 0 ? static_cast<unsigned char>(bytes[i]) : point.value, length);
      i += point.length;
    }
  }

  /// "[31m" of a log that has lost its escapes.
  bool is_bare_colour(std::size_t at) const {
    if (byte(at) != '[' || digit_of(byte(at + 1)) >= 10) return false;
    if (!signs_.empty() && signs_.back().value == kEscape) return false;
    std::size_t end = at + 1;
    while (end - at < 20 && (digit_of(byte(end)) < 10 || byte(end) == ';')) ++end;
    return byte(end) == 'm';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Sign> signs_;
};

}  // namespace

bool may_have_escapes(std::string_view text) {
  for (std::size_t at = text.find_first_of("\\%^["); at < text.size();
       at = text.find_first_of("\\%^[", at + 1)) {
    if (text[at] == '\\' || text[at] == '%') return true;
    if (at + 1 == text.size()) return false;
    const char next = text[at + 1];
    if (text[at] == '^' ? next == '[' : digit_of(next) < 10) return true;
  }
  return false;
}

std::vector<Sign> signs_without_escapes(std::string_view text) {
  return Unescaper(text).signs();
}

}  // namespace fovea
