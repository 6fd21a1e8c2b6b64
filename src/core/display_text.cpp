#include "core/display_text.h"

#include <cstdio>

#include "core/signs.h"
#include "fovea/text.h"

namespace fovea {
namespace {

constexpr std::int32_t kNonJoiner = 0x200c, kJoiner = 0x200d;  // emoji and Persian are made with them

bool is_blank(std::int32_t value) {
  return (value >= 0 && value <= ' ') || (value >= 0x7f && value < 0xa0) || value == 0x2028 ||
         value == 0x2029;
}

bool is_hidden(std::int32_t value) {
  return is_invisible(value) && value != kNonJoiner && value != kJoiner;
}

/// A sign that is no blank.
void append_visible(std::string& to, const Sign& sign, std::string_view text) {
  if (sign.value == kSeam || is_hidden(sign.value)) return;
  if (sign.value == -1)
    to += "\xef\xbf\xbd";
  else
    to += text.substr(sign.begin, sign.end - sign.begin);
}

void append(std::string& to, const Sign& sign, std::string_view text) {
  if (!is_blank(sign.value)) return append_visible(to, sign, text);
  if (!to.empty() && to.back() != ' ') to += ' ';
}

std::string escape_of(const Sign& sign, std::string_view text) {
  char written[16];
  if (sign.value == -1 || sign.value < 0x80) {
    const auto byte = static_cast<unsigned char>(text[sign.begin]);
    constexpr std::string_view kNamed = "\a\b\t\n\v\f\r";
    const std::size_t named = kNamed.find(static_cast<char>(byte));
    if (named != std::string_view::npos) return {'\\', "abtnvfr"[named]};
    std::snprintf(written, sizeof written, "\\x%02x", byte);
  } else {
    std::snprintf(written, sizeof written, sign.value > 0xffff ? "\\U%08x" : "\\u%04x",
                  static_cast<unsigned>(sign.value));
  }
  return written;
}

}  // namespace

DisplayText display_text(std::string_view text) {
  DisplayText shown;
  shown.at.reserve(text.size() + 1);
  for (const Sign& sign : on_screen(signs_of(text))) {
    shown.at.resize(sign.begin, shown.text.size());
    const std::size_t begin = shown.text.size();
    append(shown.text, sign, text);
    shown.at.resize(sign.end, begin);
  }
  while (!shown.text.empty() && shown.text.back() == ' ') shown.text.pop_back();
  for (auto at = shown.at.rbegin(); at != shown.at.rend() && *at > shown.text.size(); ++at)
    *at = shown.text.size();
  shown.at.resize(text.size() + 1, shown.text.size());
  return shown;
}

std::string terminal_text(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (const Sign& sign : on_screen(signs_of(text))) {
    const bool kept = sign.value == '\n' || sign.value == '\t' || sign.value == ' ';
    if (kept)
      shown += static_cast<char>(sign.value);
    else if (!is_blank(sign.value))
      append_visible(shown, sign, text);
    else if (sign.value != '\r' || text.substr(sign.end, 1) != "\n")
      shown += ' ';
  }
  return shown;
}

std::string escaped_line(std::string_view text) {
  std::string line;
  for (const Sign& sign : signs_of(text)) {
    const bool shown = sign.value >= 0 && !is_hidden(sign.value) &&
                       (sign.value == ' ' || !is_blank(sign.value));
    line += shown ? std::string(text.substr(sign.begin, sign.end - sign.begin)) : escape_of(sign, text);
  }
  return line;
}

}  // namespace fovea
