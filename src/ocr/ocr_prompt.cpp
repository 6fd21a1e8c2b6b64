#include <array>
#include <string>
#include <utility>

#include "fovea/error.h"
#include "fovea/ocr.h"

namespace fovea {
namespace {

constexpr std::string_view kImage = "<image>", kLocate = "locate:", kPromptSpace = " \t\n\v\f\r";

/// As the model's authors publish them, but for the picture, which comes first.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kPrompts{{
    {"document", "<|grounding|>Convert the document to markdown."},
    {"ocr", "<|grounding|>OCR this image."},
    {"free", "Free OCR."},
    {"figure", "Parse the figure."},
    {"describe", "Describe this image in detail."},
}};

std::string_view stripped(std::string_view text) {
  const auto begin = text.find_first_not_of(kPromptSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kPromptSpace) - begin + 1);
}

std::string after_picture(std::string_view text) {
  return std::string(kImage) + "\n" + std::string(text);
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, what);
}

}  // namespace

std::string ocr_prompt(std::string_view name_or_text) {
  const std::string_view text = stripped(name_or_text);
  for (const auto& [name, prompt] : kPrompts)
    if (text == name) return after_picture(prompt);
  if (text.starts_with(kLocate)) {
    const std::string words(stripped(text.substr(kLocate.size())));
    if (words.empty()) refuse("the prompt \"locate:\" names no words; expected locate: WORDS");
    return after_picture("Locate <|ref|>" + words + "<|/ref|> in the image.");
  }
  const auto image = text.find(kImage);
  if (image == text.npos) {
    // A misspelt name would otherwise be asked of the model.
    if (text.find_first_of(kPromptSpace) == text.npos)
      refuse("unknown prompt \"" + std::string(text) +
             "\"; expected document, ocr, free, figure, describe, \"locate: WORDS\" or a "
             "text of several words");
    return after_picture(text);
  }
  if (text.find(kImage, image + 1) != text.npos)
    refuse("the prompt has more than one <image>; each page is read separately");
  return std::string(text);
}

}  // namespace fovea
