#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/reading/cell_counter.h"
#include "model/reading/line_reader.h"

namespace fovea {

/// What the reading of any row of a page needs. Const and thread-safe after construction.
struct PageSight {
  /// `reader` must outlive it. `tokens`: [g * g, d] float32.
  PageSight(const LineReader& reader, const at::Tensor& tokens, const Grid& grid);

  /// A row as it was read. `by_decoder`: what the decoder thinks of it.
  RowReading reading_of(int row, std::vector<int> ids, std::string text,
                        const RowEvidence& by_decoder) const;

  const LineReader& reader;
  const Grid grid;
  const float cells_per_token;
  const at::Tensor features;  ///< [rows * columns, e] from the glyph reader
  const RowInputs inputs;
  std::optional<PageDraft> draft;  ///< there after construction, as is the prefix
  PrefixCache prefix;
};

/// Every cell is at most one character of 4 bytes: no row needs more tokens a cell.
inline constexpr int kTokensPerCell = 4;

/// The reading of some rows of a page while it goes on. Belongs to one thread.
class PageReading {
 public:
  /// `sight` must outlive it. `numbers`: the rows; `row_lengths`: of all rows of the grid, or empty.
  PageReading(const PageSight& sight, std::span<const int> numbers,
              std::span<const int> row_lengths, const ReadingOptions& options);

  /// One pass of the decoder over all rows that are not done: each gets at least one token more.
  /// False when every row is done.
  bool step();

  /// What was read so far, one of `numbers` each.
  std::vector<RowReading> rows() const;
  const ReadingCost& cost() const { return cost_; }

 private:
  struct Row {
    int number;  ///< on the page
    int length;  ///< cells it has
    std::vector<int> ids{};
    std::string text{};
    CellCounter counter;
    RowEvidence evidence{};
    bool done = false;

    int room() const { return length - counter.cells(); }
  };
  /// What one row puts into a pass: its last token, then drafted ones.
  struct Proposal {
    std::vector<DraftToken> draft;
    std::vector<RowToken> inputs;
    std::vector<int> room;   ///< cells left after each input
    std::vector<bool> sure;  ///< after this input the draft's token comes, whatever the decoder says

    void pop();  ///< the last input
  };

  Proposal propose(const Row& row) const;
  std::vector<DraftToken> draft_for(const Row& row) const;
  bool is_sure(const DraftToken& token) const;
  std::vector<ChosenToken> choose(const at::Tensor& hidden, const std::vector<Proposal>& proposals);
  void take(Row& row, const ChosenToken& token) const;
  std::int64_t accept(Row& row, const Proposal& proposal, std::span<const ChosenToken> chosen);
  void make_room(const std::vector<std::int64_t>& counts);
  void drop_done_rows();

  const PageSight& sight_;
  const LineReader& reader_;
  const bool may_end_;  ///< row lengths are not known
  const bool drafting_;
  std::vector<Row> rows_;
  std::vector<std::int64_t> cached_;  ///< which of rows_ are in cache_
  RowCache cache_;
  ReadingCost cost_;
};

}  // namespace fovea
