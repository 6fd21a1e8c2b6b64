#pragma once

#include <span>
#include <vector>

#include "model/cell_counter.h"
#include "model/line_reader.h"

namespace fovea {

/// The reading of one page while it goes on. Belongs to one thread.
class PageReading {
 public:
  /// `reader` must outlive it.
  PageReading(const LineReader& reader, const at::Tensor& tokens, const Grid& grid,
              std::span<const int> row_lengths, const ReadingOptions& options);

  /// One pass of the decoder over all rows that are not done: each gets at least one token more.
  /// False when every row is done.
  bool step();

  /// What was read so far, a row of the grid each.
  std::vector<RowReading> rows() const;
  const ReadingCost& cost() const { return cost_; }

 private:
  PageReading(const LineReader& reader, const at::Tensor& tokens, const at::Tensor& features,
              const Grid& grid, std::span<const int> row_lengths, const ReadingOptions& options);

  struct Row {
    int number;  ///< on the page
    int length;  ///< cells it has
    std::vector<int> ids{};
    std::string text{};
    CellCounter counter{};
    RowEvidence evidence{};
    bool done = false;

    int room() const { return length - counter.cells(); }
  };
  /// What one row puts into a pass: its last token, then drafted ones.
  struct Proposal {
    std::vector<int> draft;
    std::vector<RowToken> inputs;
    std::vector<int> room;  ///< cells left after each input
  };

  Proposal propose(const Row& row) const;
  std::vector<int> draft_for(const Row& row) const;
  std::int64_t accept(Row& row, const Proposal& proposal, std::span<const ChosenToken> chosen);
  void make_room(const std::vector<std::int64_t>& counts);
  void drop_done_rows();
  RowEvidence evidence(const Row& row) const;

  const LineReader& reader_;
  const Grid grid_;
  const bool may_end_;  ///< row lengths are not known
  const bool drafting_;
  const float cells_per_token_;
  RowInputs inputs_;
  PageDraft draft_;
  PrefixCache prefix_;
  std::vector<Row> rows_;             ///< of the grid
  std::vector<std::int64_t> cached_;  ///< numbers of the rows in cache_
  RowCache cache_;
  ReadingCost cost_;
};

}  // namespace fovea
