#include "model/reading/page_draft.h"

#include <algorithm>
#include <cmath>

#include "core/text_units.h"

namespace fovea {
namespace {

/// Cells drafted beyond those that are sure enough, so that the last word is cut into the tokens
/// that it has when it is whole.
constexpr int kCellsBeyond = 16;

/// A cell is never surer than this, in natural logarithm of the probability of being wrong.
constexpr float kSurest = -12.0f;

}  // namespace

PageDraft::PageDraft(Argmax seen, const Grid& grid, const Alphabet& alphabet,
                     const Tokenizer& tokenizer)
    : grid_(grid),
      alphabet_(alphabet),
      tokenizer_(tokenizer),
      classes_(seen.index.begin(), seen.index.end()),
      log_probability_(std::move(seen.log_probability)) {}

std::string PageDraft::text(int row, int begin, int end) const {
  std::string text;
  const int* classes = &classes_[row * grid_.columns];
  for (int cell = begin; cell < end; cell += alphabet_.width_of(classes[cell]))
    text += alphabet_.text_of(classes[cell]);
  return text;
}

std::vector<std::string> PageDraft::rows(std::span<const int> row_lengths) const {
  std::vector<std::string> rows;
  for (int row = 0; row < grid_.rows; ++row)
    rows.push_back(text(row, 0, row_lengths.empty() ? grid_.columns : row_lengths[row]));
  return rows;
}

std::vector<DraftToken> PageDraft::tokens(int row, int begin, int end, float at_least) const {
  const int* classes = &classes_[row * grid_.columns];
  const float* sure = &log_probability_[row * grid_.columns];
  const float limit = at_least > 0 ? std::log(at_least) : -INFINITY;
  std::string text;
  std::vector<float> before{0};  // of each byte of the text: `together` of the characters before it
  std::size_t kept = 0;          // bytes that are sure enough
  float together = 0;
  int last = end;
  for (int cell = begin; cell < last;) {
    const int seen = classes[cell];
    if (seen == Alphabet::kOutside || seen == Alphabet::kRightHalf) break;
    if (cell + alphabet_.width_of(seen) > end) break;
    together += sure[cell];
    text += alphabet_.text_of(seen);
    before.resize(text.size() + 1, together);
    if (together >= limit) {
      kept = text.size();
    } else if (last == end) {
      if (kept == 0) return {};
      last = std::min(end, cell + kCellsBeyond);
    }
    cell += alphabet_.width_of(seen);
  }
  const std::vector<int> ids = tokenizer_.encode(text);
  std::vector<std::size_t> ends{0};  // of the tokens, in bytes
  for (const int id : ids) ends.push_back(ends.back() + tokenizer_.bytes_of(id).size());
  std::vector<DraftToken> drafted;
  for (std::size_t i = 0; i < ids.size() && ends[i + 1] <= kept; ++i) {
    const std::size_t looked_at = ends[std::min(i + 2, ids.size())];
    drafted.push_back({ids[i], before[looked_at] - before[ends[i]]});
  }
  return drafted;
}

float PageDraft::disagreement(int row, const std::string& text) const {
  float sum = 0;
  int cell = 0;
  for (std::size_t at = 0; at < text.size() && cell < grid_.columns;) {
    const TextUnit unit = next_unit(text, at, &alphabet_.code_points());
    const int index = row * grid_.columns + cell;
    if (alphabet_.text_of(classes_[index]) != std::string_view(text).substr(at, unit.length))
      sum += std::max(kSurest, std::log1p(-std::exp(log_probability_[index])));
    at += unit.length;
    cell += unit.width;
  }
  return sum;
}

}  // namespace fovea
