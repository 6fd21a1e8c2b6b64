#include "core/text_units.h"

#include <utf8proc.h>

#include <algorithm>

#include "core/utf8.h"

namespace fovea {
namespace {

constexpr char32_t kEmojiSelector = 0xFE0F;

/// One code point of UTF-8, or a byte that is none.
struct Decoded {
  utf8proc_int32_t code_point;
  int length;  // bytes; 0 for an invalid byte
};

Decoded decode(std::string_view text, std::size_t at) {
  Decoded decoded{};
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const auto left = static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size() - at, 4));
  decoded.length = std::max(0, int(utf8proc_iterate(bytes, left, &decoded.code_point)));
  return decoded;
}

bool is_control(utf8proc_int32_t code_point) {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool is_wide(utf8proc_int32_t code_point) {
  return utf8proc_charwidth(code_point) == 2;
}

bool is_regional_indicator(utf8proc_int32_t code_point) {
  return code_point >= 0x1F1E6 && code_point <= 0x1F1FF;
}

bool is_printable_ascii(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7F;
}

/// Two neighbouring ASCII bytes never share a cluster.
bool stands_alone(std::string_view text, std::size_t at) {
  return is_printable_ascii(text[at]) &&
         (at + 1 == text.size() || static_cast<unsigned char>(text[at + 1]) < 0x80);
}

/// Both have a bitmap of their own.
bool are_apart(const CodePoints* alphabet, utf8proc_int32_t first, utf8proc_int32_t second) {
  return alphabet && alphabet->contains(static_cast<char32_t>(first)) &&
         alphabet->contains(static_cast<char32_t>(second));
}

}  // namespace

CodePoints::CodePoints(std::u32string_view characters) {
  if (characters.empty()) return;
  has_.resize(*std::max_element(characters.begin(), characters.end()) + std::size_t(1));
  for (const char32_t character : characters) has_[character] = true;
}

TextUnit next_unit(std::string_view text, std::size_t at, const CodePoints* alphabet) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (stands_alone(text, at)) return {1, byte, 1, UnitKind::character};

  const Decoded first = decode(text, at);
  if (first.length == 0) return {1, byte, 1, UnitKind::invalid_byte};
  TextUnit unit{.length = static_cast<std::uint32_t>(first.length),
                .first = static_cast<char32_t>(first.code_point),
                .width = static_cast<std::uint8_t>(is_wide(first.code_point) ? 2 : 1),
                .kind = UnitKind::character};
  if (is_control(first.code_point)) {
    unit.kind = UnitKind::control;
    return unit;
  }
  utf8proc_int32_t state = 0, previous = first.code_point;
  for (int count = 1; count < kMaxClusterLength && at + unit.length < text.size(); ++count) {
    const Decoded next = decode(text, at + unit.length);
    if (next.length == 0) break;
    if (utf8proc_grapheme_break_stateful(previous, next.code_point, &state)) break;
    if (are_apart(alphabet, previous, next.code_point)) break;
    if (is_wide(next.code_point) || next.code_point == kEmojiSelector ||
        (is_regional_indicator(previous) && is_regional_indicator(next.code_point))) {
      unit.width = 2;
    }
    unit.length += next.length;
    unit.kind = UnitKind::cluster;
    previous = next.code_point;
  }
  return unit;
}

std::size_t incomplete_tail(std::string_view text) {
  const std::size_t most = std::min<std::size_t>(text.size(), 3);
  for (std::size_t back = 1; back <= most; ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (utf8_is_continuation(text[text.size() - back])) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

int count_cells(std::string_view text, const CodePoints* alphabet) {
  int cells = 0;
  for (std::size_t at = 0; at < text.size();) {
    const TextUnit unit = next_unit(text, at, alphabet);
    cells += unit.width;
    at += unit.length;
  }
  return cells;
}

}  // namespace fovea
