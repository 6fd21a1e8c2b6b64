#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea {

/// Bytes of the UTF-8 character that begins with `first`, 0 when none begins so.
constexpr int utf8_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

/// True when `next` may be byte `index` (1, 2, 3) of a character that begins with `first`: no
/// overlong forms, no surrogates, nothing above U+10FFFF.
constexpr bool utf8_continues(unsigned char first, int index, unsigned char next) {
  const unsigned low = index > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = index > 1 ? 0xBF : first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return next >= low && next <= high;
}

/// Bytes of the valid character at the start of `text`, 0 when there is none.
constexpr int utf8_valid(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  const int length = utf8_length(first);
  if (length == 0 || text.size() < static_cast<std::size_t>(length)) return 0;
  for (int i = 1; i < length; ++i)
    if (!utf8_continues(first, i, static_cast<unsigned char>(text[i]))) return 0;
  return length;
}

/// The code point of a valid character, as `utf8_valid` found it.
constexpr char32_t utf8_decode(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  char32_t point = first & (0x7F >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i)
    point = point << 6 | (static_cast<unsigned char>(character[i]) & 0x3F);
  return point;
}

/// Whether a byte goes on with a character that began before it. Valid or not: what follows is about
/// bytes alone, so that a text is cut the same way whatever it holds.
constexpr bool utf8_is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// The bytes that begin a character: how many characters a valid text has.
constexpr std::size_t utf8_count(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += utf8_is_continuation(byte) ? 0 : 1;
  return count;
}

/// Where the character after the one at byte `at` begins.
constexpr std::size_t utf8_next(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && utf8_is_continuation(text[at]));
  return at;
}

/// The characters that lie whole within the first `bytes`.
constexpr std::string_view utf8_cut(std::string_view text, std::size_t bytes) {
  if (bytes >= text.size()) return text;
  while (bytes > 0 && utf8_is_continuation(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

}  // namespace fovea
