#include "model/reading/part_reading.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fovea/error.h"
#include "model/reading/page_reading.h"

namespace fovea {
namespace {

/// Of the rows asked for, those that were not read yet, each once.
std::vector<int> unread(std::vector<int> rows, const PartRead& page) {
  std::ranges::sort(rows);
  rows.erase(std::ranges::unique(rows).begin(), rows.end());
  const auto count = static_cast<int>(page.rows.size());
  for (const int row : rows) {
    if (row < 0 || row >= count)
      throw Error(ErrorCode::invalid_argument, "expected rows from 0 to " +
                                                   std::to_string(count - 1) + " to read, got " +
                                                   std::to_string(row));
  }
  std::erase_if(rows,
                [&](int row) { return page.rows[static_cast<std::size_t>(row)].has_value(); });
  return rows;
}

}  // namespace

PartRead read_part(const LineReader& reader, const at::Tensor& tokens, Density density,
                   std::span<const int> row_lengths,
                   const std::function<std::vector<int>(const PartRead&)>& next) {
  const PageSight sight(reader, tokens.unsqueeze(0), grid_of(density));
  PartRead page;
  page.rows.resize(static_cast<std::size_t>(sight.grid.rows));
  page.glance = sight.draft->rows(row_lengths);
  for (auto rows = unread(next(page), page); !rows.empty(); rows = unread(next(page), page)) {
    PageReading reading(sight, rows, row_lengths, {});
    while (reading.step()) {
    }
    std::vector<RowReading> read = reading.rows();
    for (std::size_t i = 0; i < rows.size(); ++i)
      page.rows[static_cast<std::size_t>(rows[i])] = {std::move(read[i].text), read[i].confidence,
                                                      read[i].evidence};
  }
  return page;
}

}  // namespace fovea
