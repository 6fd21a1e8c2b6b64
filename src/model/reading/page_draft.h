#pragma once

#include <span>
#include <string>
#include <vector>

#include "fovea/level.h"
#include "model/operators/argmax.h"
#include "model/reading/alphabet.h"
#include "model/tokenizer/tokenizer.h"

namespace fovea {

struct DraftToken {
  int id = 0;
  /// Of its characters, and of the next token's: a wrong one there would cut the text elsewhere.
  float log_probability = 0;
};

/// What the glyph reader sees on a page: a character a cell, and how sure it is. Drafts rows for
/// the decoder to verify. Const and thread-safe after construction.
class PageDraft {
 public:
  /// `seen`: the classes of the page's cells, row-major. Both others must outlive it.
  PageDraft(Argmax seen, const Grid& grid, const Alphabet& alphabet, const Tokenizer& tokenizer);

  /// The characters of a row's cells in begin..end, blanks as spaces.
  std::string text(int row, int begin, int end) const;

  /// The characters of each row's first cells. `row_lengths`: how many; empty: all.
  std::vector<std::string> rows(std::span<const int> row_lengths) const;

  /// Tokens for a row's cells in begin..end, as many as are together right with a probability of
  /// `at_least`; all of them when it is 0. Stops at a character outside the atlas.
  std::vector<DraftToken> tokens(int row, int begin, int end, float at_least) const;

  /// Logarithm of the probability that the cells of a row are as `text` says, where the glyph
  /// reader sees something else: the more it was sure, the less. 0: no disagreement.
  float disagreement(int row, const std::string& text) const;

 private:
  const Grid grid_;
  const Alphabet& alphabet_;
  const Tokenizer& tokenizer_;
  std::vector<int> classes_;            // [rows * columns]
  std::vector<float> log_probability_;  // [rows * columns]
};

}  // namespace fovea
