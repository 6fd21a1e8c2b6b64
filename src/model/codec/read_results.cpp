#include "model/codec/read_results.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "fovea/grounding.h"
#include "fovea/ocr.h"

namespace fovea {
namespace {

ReadPage joined(std::span<RowReading> rows) {
  ReadPage page;
  double weighted = 0;
  for (RowReading& row : rows) {
    page.text += row.text;
    weighted += static_cast<double>(row.confidence) * static_cast<double>(row.text.size());
    page.rows.push_back({std::move(row.text), row.confidence, row.evidence});
  }
  page.confidence = page.text.empty()
                        ? 1.0f
                        : static_cast<float>(weighted / static_cast<double>(page.text.size()));
  return page;
}

}  // namespace

std::vector<ReadPage> pages_of(std::span<RowReading> rows, std::size_t pages) {
  const std::size_t each = rows.size() / pages;
  std::vector<ReadPage> all;
  for (std::size_t i = 0; i < pages; ++i) all.push_back(joined(rows.subspan(i * each, each)));
  return all;
}

ReadPage page_of(const PictureAnswer& answer) {
  ReadPage page;
  page.text = plain_text(answer.text, {.labels = Labels::words, .image = {}});
  page.complete = answer.end == OcrEnd::by_model;
  const double mean = answer.log_probability / std::max(1, answer.tokens);
  page.confidence = static_cast<float>(std::exp(mean));
  return page;
}

std::vector<std::vector<std::size_t>> reading_batches(std::span<const VisionTokens> tokens,
                                                      const LineReader& reader) {
  using Kind = std::tuple<Level, Density, bool, bool>;
  std::map<Kind, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const VisionTokens& page = tokens[i];
    alike[{page.level, page.density, page.code.empty(), page.row_lengths.empty()}].push_back(i);
  }
  std::vector<std::vector<std::size_t>> batches;
  for (const auto& [kind, numbers] : alike) {
    const VisionTokens& one = tokens[numbers[0]];
    const std::size_t at_once = reader.pages_at_once(one.count, one.density);
    for (std::size_t first = 0; first < numbers.size(); first += at_once) {
      const auto some =
          std::span(numbers).subspan(first, std::min(at_once, numbers.size() - first));
      batches.emplace_back(some.begin(), some.end());
    }
  }
  return batches;
}

}  // namespace fovea
