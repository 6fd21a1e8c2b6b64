#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "model/reading/cell_counter.h"
#include "model/reading/line_reader.h"

namespace fovea {

/// What the reading of any row of some pages needs. Rows are numbered through the pages.
/// Const and thread-safe after construction.
struct PageSight {
  /// `reader` must outlive it. `tokens`: [B, g * g, d] float32, of pages of one grid.
  PageSight(const LineReader& reader, const at::Tensor& tokens, const Grid& grid);

  int rows() const { return pages * grid.rows; }
  int position_token(int row) const { return reader.position_token(grid, row % grid.rows); }
  /// A cache for the rows with these numbers and up to `capacity` tokens of each.
  RowCache make_rows(std::span<const int> numbers, std::int64_t capacity) const;
  /// Tokens of the prefix that such a cache holds from the start.
  std::int64_t held() const { return pages_prefixes ? pages_prefixes->lengths()[0] : 0; }

  /// A row as it was read. `by_decoder`: what the decoder thinks of it.
  RowReading reading_of(int row, std::vector<int> ids, std::string text,
                        const RowEvidence& by_decoder) const;

  const LineReader& reader;
  const Grid grid;  ///< of a page
  const int pages;
  const float cells_per_token;
  const at::Tensor features;  ///< [B * rows * columns, e] from the glyph reader
  const RowInputs inputs;
  std::optional<PageDraft> draft;          ///< there after construction, as is one of the next two
  PrefixCache prefix;                      ///< that all rows share: of one page on a CPU
  std::optional<RowCache> pages_prefixes;  ///< of each page, which its rows begin with
};

/// Calls work(i) for 0 <= i < count on all threads, where there are enough for that.
void each_row(std::size_t count, const std::function<void(std::size_t)>& work);

/// Every cell is at most one character of 4 bytes: no row needs more tokens a cell.
inline constexpr int kTokensPerCell = 4;

/// The reading of some rows of pages while it goes on. Belongs to one thread.
class PageReading {
 public:
  /// `sight` must outlive it. `numbers`: the rows; `row_lengths`: of all rows of the pages, or empty.
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
    int number;  ///< on the pages
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
  const float draft_at_least_;  // probability
  std::vector<Row> rows_;
  std::vector<std::int64_t> cached_;  ///< which of rows_ are in cache_
  RowCache cache_;
  ReadingCost cost_;
};

}  // namespace fovea
