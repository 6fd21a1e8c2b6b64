#include "memory/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace fovea {
namespace {

constexpr std::int32_t kAsciiEnd = 0x80;  // most text is below it: no table is asked there

struct Range {
  std::int32_t first;
  std::int32_t last;
};

constexpr std::array kAloneRanges = {
    Range{0x0e00, 0x0eff},    // Thai, Lao
    Range{0x1000, 0x109f},    // Myanmar
    Range{0x1780, 0x17ff},    // Khmer
    Range{0x3040, 0x30ff},    // Hiragana, Katakana
    Range{0x31f0, 0x31ff},    // Katakana extensions
    Range{0x3400, 0x4dbf},    // Han
    Range{0x4e00, 0x9fff},    // Han
    Range{0xac00, 0xd7a3},    // Hangul
    Range{0xf900, 0xfaff},    // Han compatibility
    Range{0xff66, 0xff9f},    // halfwidth Katakana
    Range{0x20000, 0x3ffff},  // Han
};

void append_folded(std::string& to, std::int32_t code_point) {
  if (code_point < kAsciiEnd) {
    to += static_cast<char>(code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point);
    return;
  }
  std::array<utf8proc_int32_t, 32> parts;
  int boundary = 0;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
  const auto count =
      utf8proc_decompose_char(code_point, parts.data(), parts.size(), options, &boundary);
  for (utf8proc_ssize_t i = 0; i < count && i < std::ssize(parts); ++i) {
    std::array<utf8proc_uint8_t, 4> bytes;
    const auto length = utf8proc_encode_char(parts[i], bytes.data());
    to.append(reinterpret_cast<const char*>(bytes.data()), length);
  }
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) {
  CodePoint result;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
  if (*bytes < kAsciiEnd) return {.value = *bytes, .length = 1};
  const auto length =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &result.value);
  if (length > 0)
    result.length = static_cast<std::size_t>(length);
  else
    result.value = -1;
  return result;
}

bool is_word_character(std::int32_t code_point) {
  if (code_point < 0) return false;
  if (code_point < kAsciiEnd) {
    const std::int32_t lower = code_point | 0x20;
    return (lower >= 'a' && lower <= 'z') || (code_point >= '0' && code_point <= '9');
  }
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

bool is_word_alone(std::int32_t code_point) {
  const auto holds = [code_point](Range range) {
    return range.first <= code_point && code_point <= range.last;
  };
  return code_point >= kAloneRanges[0].first && std::ranges::any_of(kAloneRanges, holds) &&
         is_word_character(code_point);
}

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  bool open = false;  // the last word goes on
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const bool alone = is_word_alone(point.value);
    const bool mark = point.value >= kAsciiEnd && utf8proc_category(point.value) == UTF8PROC_CATEGORY_MN;
    if (is_word_character(point.value)) {
      if (!open || alone) words.push_back({.folded = {}, .begin = at, .length = 0});
      if (alone)
        words.back().folded = text.substr(at, point.length);
      else
        append_folded(words.back().folded, point.value);
      words.back().length = at + point.length - words.back().begin;
      open = !alone;
    } else if (open && mark) {
      words.back().length = at + point.length - words.back().begin;
    } else {
      open = false;
    }
    at += point.length;
  }
  return words;
}

}  // namespace fovea
