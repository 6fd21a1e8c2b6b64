#include "model/token_rate.h"

#include <algorithm>
#include <vector>

namespace fovea {
namespace {

constexpr std::size_t kRowsLookedAt = 8;

/// Of rows with text, evenly spread; all rows are taken to have some where lengths are not known.
std::vector<int> some_rows(int rows, std::span<const int> row_lengths) {
  std::vector<int> with_text;
  for (int row = 0; row < rows; ++row) {
    if (row_lengths.empty() || row_lengths[static_cast<std::size_t>(row)] > 0)
      with_text.push_back(row);
  }
  const std::size_t count = std::min(kRowsLookedAt, with_text.size());
  std::vector<int> some;
  for (std::size_t i = 0; i < count; ++i)
    some.push_back(with_text[(2 * i + 1) * with_text.size() / (2 * count)]);
  return some;
}

/// Share of the cells in which `seen` is as in `wanted`; cells that are blank in both do not count.
float agreement(const std::vector<std::int64_t>& wanted, const std::vector<std::int64_t>& seen) {
  std::size_t count = 0, same = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == Alphabet::kBlank && seen[i] == Alphabet::kBlank) continue;
    ++count;
    same += wanted[i] == seen[i];
  }
  return count == 0 ? 1 : static_cast<float>(same) / static_cast<float>(count);
}

}  // namespace

std::size_t choose_rate(const TokenCode& code, const LineReader& reader, const at::Tensor& features,
                        Density density, std::span<const int> row_lengths) {
  const auto& rates = code.rates();
  const std::size_t last = rates.size() - 1;
  const bool is_open = std::any_of(rates.begin(), rates.end() - 1,
                                   [](const TokenRate& rate) { return rate.agreement > 0; });
  if (!is_open) return 0;
  const std::vector<int> rows = some_rows(grid_of(density).rows, row_lengths);
  if (rows.size() < kRowsLookedAt) return last;  // too few to tell by, and a page that is seldom
  const std::vector<std::int64_t> wanted = reader.glimpse_classes(features, density, rows);
  for (std::size_t rate = 0; rate < last; ++rate) {
    const auto seen = reader.glimpse_classes(code.rounded(features, rate).to(features.device()),
                                             density, rows);
    if (agreement(wanted, seen) >= rates[rate].agreement) return rate;
  }
  return last;
}

}  // namespace fovea
