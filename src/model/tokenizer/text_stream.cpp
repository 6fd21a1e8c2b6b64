#include "model/tokenizer/text_stream.h"

#include <utility>

#include "core/utf8.h"

namespace fovea {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// True when more bytes could make `text`, which is no whole character, one.
bool may_become_one(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (static_cast<int>(text.size()) >= utf8_length(first)) return false;
  for (std::size_t i = 1; i < text.size(); ++i)
    if (!utf8_continues(first, static_cast<int>(i), static_cast<unsigned char>(text[i])))
      return false;
  return true;
}

}  // namespace

std::string TextStream::take(std::string_view bytes) {
  held_ += bytes;
  std::string text;
  std::string_view rest = held_;
  while (!rest.empty()) {
    if (const int length = utf8_valid(rest)) {
      text += rest.substr(0, static_cast<std::size_t>(length));
      rest.remove_prefix(static_cast<std::size_t>(length));
    } else if (may_become_one(rest)) {
      break;
    } else {
      text += kReplacement;
      rest.remove_prefix(1);
    }
  }
  held_ = std::string(rest);
  return text;
}

std::string TextStream::finish() {
  std::string text;
  for (std::size_t i = 0; i < held_.size(); ++i) text += kReplacement;
  held_.clear();
  return text;
}

}  // namespace fovea
