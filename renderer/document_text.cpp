#include "renderer/document_text.h"

#include <utf8proc.h>

#include <algorithm>

namespace fovea {
namespace {

constexpr std::string_view kTab = "    ";

/// "\x9F"
std::string escaped(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

/// What is set in place of a character that has no shape of its own; nothing for all others.
std::string stand_in(char32_t character) {
  if (character == '\t') return std::string(kTab);
  const bool control = character < 0x20 || (character >= 0x7F && character < 0xA0);
  if (control && character != '\n') return escaped(static_cast<unsigned char>(character));
  if (character == 0x2028 || character == 0x2029) return " ";  // Pango would begin a paragraph
  return {};
}

/// The character at the front of some bytes, and what is set in its place.
struct Front {
  std::size_t length;
  bool valid;
  std::string other;  ///< empty: it is set as it is
};

Front front_of(std::string_view bytes) {
  utf8proc_int32_t code = 0;
  const auto* here = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
  const auto size = utf8proc_iterate(here, static_cast<utf8proc_ssize_t>(bytes.size()), &code);
  if (size <= 0) return {1, false, escaped(*here)};
  return {static_cast<std::size_t>(size), true, stand_in(static_cast<char32_t>(code))};
}

}  // namespace

void DocumentText::append(std::string_view bytes, std::size_t source, unsigned style) {
  const std::size_t begin = text_.size();
  bool side_by_side = false;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto [length, valid, other] = front_of(bytes.substr(at));
    if (!valid) ++invalid_bytes_;
    if (!other.empty()) {
      add_origin(source + at, /*fixed=*/true);
      text_ += other;
    } else {
      if (!side_by_side) add_origin(source + at, /*fixed=*/false);
      text_.append(bytes, at, length);
    }
    side_by_side = other.empty();
    at += length;
  }
  source_end_ = source + bytes.size();
  add_style(begin, style);
}

void DocumentText::append_made(std::string_view text, unsigned style) {
  const std::size_t begin = text_.size();
  add_origin(source_end_, /*fixed=*/true);
  while (!text.empty()) {
    const Front front = front_of(text);
    text_ += front.other.empty() ? text.substr(0, front.length) : std::string_view(front.other);
    text.remove_prefix(front.length);
  }
  add_style(begin, style);
}

void DocumentText::append(const DocumentText& other) {
  const std::size_t shift = text_.size();
  for (Origin origin : other.origins_) {
    origin.begin += shift;
    origins_.push_back(origin);
  }
  for (Styled styled : other.styles_) {
    styles_.push_back({styled.begin + shift, styled.end + shift, styled.style});
  }
  text_ += other.text_;
  source_end_ = other.source_end_;
  invalid_bytes_ += other.invalid_bytes_;
}

void DocumentText::remove_line_ends() {
  while (text_.ends_with('\n')) text_.pop_back();
  while (!styles_.empty() && styles_.back().begin >= text_.size()) styles_.pop_back();
  if (!styles_.empty()) styles_.back().end = std::min(styles_.back().end, text_.size());
}

std::size_t DocumentText::source_of(std::size_t at) const {
  const auto after = std::ranges::upper_bound(origins_, at, {}, &Origin::begin);
  if (after == origins_.begin()) return 0;
  const Origin& origin = *std::prev(after);
  return origin.fixed ? origin.source : origin.source + (at - origin.begin);
}

void DocumentText::add_origin(std::size_t source, bool fixed) {
  origins_.push_back({text_.size(), source, fixed});
}

void DocumentText::add_style(std::size_t begin, unsigned style) {
  if (style != kPlain && begin < text_.size()) styles_.push_back({begin, text_.size(), style});
}

}  // namespace fovea
