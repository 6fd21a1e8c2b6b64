#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fovea/codec.h"
#include "fovea/measure.h"
#include "fovea/page.h"

namespace fovea {

/// Finds out whether a page of cells is read back at least as well as a floor, from as few of its
/// rows as that takes. Every row of the glyph reader's glance is compared with the exact text; of
/// some rows the decoder's reading is, too. Both go wrong in the same places, so the ratio of their
/// errors there says what the decoder would make of the other rows, and how sure that is (a ratio
/// estimator). Once the floor lies outside of what is still possible, the reading ends; a page too
/// near to it is read whole.
class FloorCheck {
 public:
  /// `exact`: laid out in cells. It must outlive this.
  FloorCheck(const Page& exact, double floor);

  /// The rows to read next; none: it is decided.
  std::vector<int> next(const PartRead& so_far);

  /// Once it is decided: accuracy - error is not below the floor, or accuracy + error is. Of 10,000
  /// pages one may be off further. Shares of rows and words are those of the rows that were read.
  const Fidelity& fidelity() const { return fidelity_; }

 private:
  struct Row {
    int number;
    std::u32string exact;
    double expected = 0;  ///< errors, in units that are the same for all rows of the page
    bool is_chosen = false;
  };
  /// Errors of the rows that were read, and what is known of the others.
  struct Sums;

  void look(const PartRead& page);
  std::vector<int> some_rows() const;
  Sums sums(const PartRead& page) const;
  bool is_decided(const PartRead& page);
  void read_whole(const PartRead& page);

  const Page& exact_;
  double floor_;
  std::size_t characters_ = 0;
  std::vector<Row> rows_;  ///< with text, those with the most doubt first
  Fidelity fidelity_;
};

}  // namespace fovea
