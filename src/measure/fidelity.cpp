#include "measure/fidelity.h"

#include <string>
#include <unordered_set>

#include "core/display_text.h"
#include "measure/accuracy.h"
#include "measure/document_fidelity.h"

namespace fovea {
namespace {

double exact_rows(const Page& exact, const ReadPage& read) {
  const auto rows = rows_of(exact);
  std::size_t filled = 0, right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].empty()) continue;
    ++filled;
    if (i < read.rows.size() && read.rows[i].text == rows[i]) ++right;
  }
  return filled == 0 ? 1 : static_cast<double>(right) / static_cast<double>(filled);
}

}  // namespace

Fidelity fidelity_of(const Page& exact, const ReadPage& read) {
  if (exact.document) return fidelity_of_document(exact, read.text);
  return {.accuracy = accuracy(exact.text, read.text),
          .exact_rows = exact_rows(exact, read),
          .word_precision = word_precision(exact.text, read.text)};
}

std::vector<std::string> lost_words(std::string_view exact, std::string_view read) {
  const std::string shown = display_text(exact).text, shown_read = display_text(read).text;
  const auto kept = distinct_words(shown_read);
  const std::unordered_set<std::string_view> known(kept.begin(), kept.end());
  std::vector<std::string> lost;
  for (const std::string_view word : distinct_words(shown)) {
    if (!known.contains(word)) lost.emplace_back(word);
  }
  return lost;
}

}  // namespace fovea
