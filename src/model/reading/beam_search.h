#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/reading/cell_counter.h"
#include "model/reading/page_reading.h"

namespace fovea {

/// Reads rows of a page with several hypotheses each: a beam search for the text that the decoder
/// finds likeliest as a whole, where a greedy reading takes the likeliest token each time. Nothing is
/// drafted. For rows whose lengths are known. Belongs to one thread.
class BeamSearch {
 public:
  /// `sight` must outlive it. `numbers`: the rows; `row_lengths`: of all rows of the pages; `width`:
  /// hypotheses a row.
  BeamSearch(const PageSight& sight, std::span<const int> numbers, std::span<const int> row_lengths,
             int width);

  /// One pass of the decoder over all hypotheses. False when every row is done.
  bool step();

  /// The likeliest reading of each of `numbers`.
  std::vector<RowReading> rows() const;
  const ReadingCost& cost() const { return cost_; }

 private:
  struct Hypothesis {
    std::vector<int> ids{};
    std::string text{};
    CellCounter counter;
    RowEvidence evidence{};
  };
  /// A hypothesis with one token more.
  struct Candidate {
    Hypothesis next;
    std::size_t parent;  ///< its slot

    /// Candidates of a row have read different shares of it.
    float score_a_cell() const;
  };
  struct Row {
    int number;                        ///< on the pages
    int length;                        ///< cells it has
    std::optional<Hypothesis> best{};  ///< of those that filled the row

    int room(const Hypothesis& hypothesis) const { return length - hypothesis.counter.cells(); }
  };

  Candidate extended(std::size_t slot, const ChosenToken& token) const;
  bool is_whole(const Row& row, const Hypothesis& hypothesis) const;
  void advance(std::size_t row, std::vector<Candidate> candidates);

  const PageSight& sight_;
  const LineReader& reader_;
  const std::size_t width_;
  std::vector<Row> rows_;
  std::vector<std::optional<Hypothesis>> slots_;  ///< [rows * width], as in cache_
  RowCache cache_;
  ReadingCost cost_;
};

}  // namespace fovea
