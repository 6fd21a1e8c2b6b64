#include "measure/document_fidelity.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "fovea/document_renderer.h"
#include "fovea/measure.h"
#include "measure/accuracy.h"

namespace fovea {
namespace {

constexpr std::array kTags = {"table", "thead", "tbody", "tr", "td", "th", "br"};

/// "</td>", "<td colspan=2>"; `text` begins with "<". Returns the tag's length, 0 for all else.
std::size_t tag_length(std::string_view text) {
  const std::size_t end = text.find('>');
  if (end == text.npos) return 0;
  std::string_view name = text.substr(1, end - 1);
  if (name.starts_with('/')) name.remove_prefix(1);
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  name = name.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(name, is_letter) -
                                                 name.begin()));
  return std::ranges::find(kTags, name) == kTags.end() ? 0 : end + 1;
}

/// The tags that the model writes tables with, as spaces.
std::string without_tags(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t tag = text.front() == '<' ? tag_length(text) : 0;
    plain += tag > 0 ? ' ' : text.front();
    text.remove_prefix(std::max<std::size_t>(tag, 1));
  }
  return plain;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (!text.empty()) text += ' ';
    text += line;
  }
  return text;
}

double share_found(const std::vector<std::string>& lines, const std::string& read) {
  const auto is_found = [&](const std::string& line) { return read.find(line) != read.npos; };
  const auto found = std::ranges::count_if(lines, is_found);
  return lines.empty() ? 1 : static_cast<double>(found) / static_cast<double>(lines.size());
}

}  // namespace

Fidelity fidelity_of_document(const Page& exact, std::string_view read) {
  const std::string& opening = exact.document->opening;
  const auto lines = DocumentRenderer::visible_lines(exact.text, opening);
  const std::string was = joined(lines);
  const std::string is = joined(DocumentRenderer::visible_lines(without_tags(read), opening));
  return {.accuracy = accuracy(was, is),
          .exact_rows = share_found(lines, is),
          .word_precision = word_precision(was, is)};
}

}  // namespace fovea
