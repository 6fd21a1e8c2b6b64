#pragma once

#include <string>
#include <string_view>

#include "core/text_units.h"

namespace fovea {

/// Counts the cells that a row's text takes on a page while it grows, by whole tokens that may end
/// inside a character. Counts as the page layout does, by grapheme clusters.
class CellCounter {
 public:
  /// `alphabet`: as for `next_unit`; must outlive this.
  explicit CellCounter(const CodePoints* alphabet = nullptr) : alphabet_(alphabet) {}

  void append(std::string_view bytes);

  /// Cells of the complete characters so far.
  int cells() const { return finished_ + last_; }
  /// True when the text so far ends inside a character.
  bool inside_character() const { return inside_; }

 private:
  const CodePoints* alphabet_;
  int finished_ = 0;  // cells of clusters that nothing to come can change
  int last_ = 0;      // cells of the cluster that tail_ begins with
  bool inside_ = false;
  std::string tail_;  // the last cluster, which may grow, and an incomplete character
};

/// Cells that a token takes by itself: bytes at its front that finish a character of the token
/// before, and bytes at its end that only begin one, count nothing.
int cells_of_token(std::string_view bytes, const CodePoints* alphabet = nullptr);

}  // namespace fovea
