#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_units.h"
#include "fovea/codec.h"
#include "fovea/recall.h"
#include "recovery/anchors.h"
#include "recovery/corrections.h"

namespace fovea {

/// What was read of a document, as a page of one row: where its letters stand is not known.
ReadPage as_one_row(const ReadPage& read);

/// A page as it was read, made better with what is kept beside its vision tokens. Every byte knows
/// where it came from. Anchors come first: corrections lead from there to the exact text.
class RecoveredPage {
 public:
  /// `row_lengths`: cells used on each row, as stored with the tokens; empty: not known.
  /// `alphabet`: the checkpoint's, as for `next_unit`; must outlive this.
  RecoveredPage(const ReadPage& read, Density density, std::span<const int> row_lengths,
                const CodePoints* alphabet = nullptr);

  /// Puts each anchor over the cells that it stands on. A row that was read with cells too many or
  /// too few takes it where it fits best.
  void put(const std::vector<Anchor>& anchors);
  /// Corrects the rows that were read as when the corrections were made; others stay.
  void correct(const Corrections& corrections);

  /// The corrections have led to the exact text.
  bool is_exact() const { return exact_; }
  /// Something was put in beside what was decoded.
  bool is_improved() const;
  std::vector<std::string> rows() const;
  std::string text() const;
  /// Neighbours of one origin and confidence as one.
  std::vector<RecalledSpan> spans() const;

 private:
  struct Mark {
    Origin origin = Origin::decoded;
    float confidence = 0;
    bool operator==(const Mark&) const = default;
  };
  struct Row {
    std::string text;
    std::vector<Mark> marks;  ///< of each byte
    int cells = 0;            ///< that it should have; -1: not known
    float confidence = 0;     ///< of the reading
  };
  void put(Row& row, int column, std::string_view text) const;
  static Mark mark_of(const Row& row, std::size_t begin, std::size_t end);
  static bool apply(Row& row, const std::vector<Edit>& edits);
  void put_whole(std::size_t number, const std::string& text);

  int columns_;
  const CodePoints* alphabet_;
  std::vector<Row> rows_;
  bool exact_ = false;
};

/// Mean of the spans' confidences, weighted by length; 1 for none.
float confidence_of(const std::vector<RecalledSpan>& spans);

}  // namespace fovea
