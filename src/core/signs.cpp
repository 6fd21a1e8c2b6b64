#include "core/signs.h"

#include <utf8proc.h>

#include <string>

namespace fovea {
namespace {

constexpr std::int32_t kBackspace = 0x08, kEscape = 0x1b, kControlSequence = 0x9b;
constexpr std::int32_t kEscapeSymbol = 0x241b;  // how logs write an escape that can be seen
constexpr std::size_t kLongestSequence = 64;

/// A control sequence that ends before sign `end`.
struct Sequence {
  std::size_t end;
  bool moves;  ///< false: what follows stands right behind what came before
};

class Screen {
 public:
  explicit Screen(std::span<const Sign> signs) : signs_(signs) {}

  std::vector<Sign> shown() && {
    for (std::size_t at = 0; at < signs_.size();) {
      if (begins_sequence(at))
        at = add(sequence(at), at);
      else if (value(at) == kBackspace)
        at = strike_over(at);
      else
        shown_.push_back(signs_[at++]);
    }
    return std::move(shown_);
  }

 private:
  /// The sign's value; 0 behind the end.
  std::int32_t value(std::size_t at) const { return at < signs_.size() ? signs_[at].value : 0; }
  bool is_between(std::size_t at, std::int32_t first, std::int32_t last) const {
    return first <= value(at) && value(at) <= last;
  }
  bool begins_sequence(std::size_t at) const {
    return value(at) == kEscape || value(at) == kEscapeSymbol || value(at) == kControlSequence;
  }

  std::size_t add(Sequence sequence, std::size_t begin) {
    shown_.push_back({sequence.moves ? ' ' : kSeam, signs_[begin].begin,
                      signs_[sequence.end - 1].end});
    return sequence.end;
  }

  // ECMA-48. Of one that is broken only the beginning is taken for a sequence.
  Sequence sequence(std::size_t begin) const {
    if (value(begin) == kControlSequence) return parameters(begin + 1);
    const std::int32_t kind = value(begin + 1);
    if (kind == '[') return parameters(begin + 2);
    if (kind == ']') return system_command(begin + 2);
    if (kind >= 0x20 && kind <= 0x2f && is_between(begin + 2, 0x30, 0x7e))
      return {begin + 3, false};  // a set of characters
    constexpr std::string_view kSingle = "78=>cDEHMNOPXZ\\^_";
    const bool single = kind > 0 && kind < 0x80 && kSingle.find(static_cast<char>(kind)) != kSingle.npos;
    return {begin + (single ? 2 : 1), true};
  }
  Sequence parameters(std::size_t begin) const {
    std::size_t end = begin;
    while (is_between(end, 0x20, 0x3f) && end - begin < kLongestSequence) ++end;
    if (!is_between(end, 0x40, 0x7e)) return {begin, true};
    return {end + 1, value(end) != 'm' && value(end) != 'K'};  // colour; erasing the line's end
  }
  /// A title or a link: its text is text like any other, its number and a link's parameters are none.
  Sequence system_command(std::size_t begin) const {
    std::size_t end = begin;
    while (is_between(end, '0', '9')) ++end;
    const bool link = end == begin + 1 && value(begin) == '8';
    if (value(end) != ';') return {end, true};
    if (!link) return {end + 1, true};
    const std::size_t first = ++end;
    while (is_between(end, 0x20, 0x7e) && value(end) != ';' && end - first < kLongestSequence) ++end;
    return {value(end) == ';' ? end + 1 : first, true};
  }

  std::size_t strike_over(std::size_t at) {
    const std::int32_t next = value(at + 1);
    const bool again = !shown_.empty() && next != 0 &&
                       (shown_.back().value == next || shown_.back().value == '_' || next == '_');
    if (!again) {
      shown_.push_back({' ', signs_[at].begin, signs_[at].end});
      return at + 1;
    }
    if (next == '_') return at + 2;
    shown_.pop_back();
    return at + 1;
  }

  std::span<const Sign> signs_;
  std::vector<Sign> shown_;
};

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) {
  CodePoint result;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
  if (*bytes < 0x80) return {.value = *bytes, .length = 1};
  const auto length =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &result.value);
  if (length > 0)
    result.length = static_cast<std::size_t>(length);
  else
    result.value = -1;
  return result;
}

std::vector<Sign> signs_of(std::string_view text) {
  std::vector<Sign> signs;
  signs.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    signs.push_back({point.value, at, at + point.length});
    at += point.length;
  }
  return signs;
}

std::vector<Sign> on_screen(std::span<const Sign> signs) {
  return Screen(signs).shown();
}

bool is_invisible(std::int32_t code_point) {
  return code_point >= 0xad && utf8proc_category(code_point) == UTF8PROC_CATEGORY_CF;
}

}  // namespace fovea
