#include "memory/display_text.h"

#include "memory/signs.h"

namespace fovea {
namespace {

constexpr std::int32_t kNonJoiner = 0x200c, kJoiner = 0x200d;  // emoji and Persian are made with them

bool is_blank(std::int32_t value) {
  return (value >= 0 && value <= ' ') || (value >= 0x7f && value < 0xa0) || value == 0x2028 ||
         value == 0x2029;
}

void append(std::string& to, const Sign& sign, std::string_view text) {
  if (sign.value == kSeam) return;
  if (is_blank(sign.value)) {
    if (!to.empty() && to.back() != ' ') to += ' ';
  } else if (sign.value == -1) {
    to += "\xef\xbf\xbd";
  } else if (!is_invisible(sign.value) || sign.value == kNonJoiner || sign.value == kJoiner) {
    to += text.substr(sign.begin, sign.end - sign.begin);
  }
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
  shown.at.resize(text.size() + 1, shown.text.size());
  for (auto at = shown.at.rbegin(); at != shown.at.rend() && *at > shown.text.size(); ++at)
    *at = shown.text.size();
  return shown;
}

}  // namespace fovea
