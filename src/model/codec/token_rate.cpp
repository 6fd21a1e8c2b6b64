#include "model/codec/token_rate.h"

#include <algorithm>
#include <vector>

namespace fovea {
namespace {

constexpr std::size_t kPlaces = 4, kRowsLookedAt = 2 * kPlaces;
constexpr std::size_t kLeastCells = 200;

/// Two neighbours, which share vision tokens, at each of some places. Of rows with text; all rows are
/// taken to have some where lengths are not known. Fewer where there are not so many.
std::vector<int> some_rows(int rows, std::span<const int> row_lengths) {
  std::vector<int> with_text;
  for (int row = 0; row < rows; ++row) {
    if (row_lengths.empty() || row_lengths[static_cast<std::size_t>(row)] > 0)
      with_text.push_back(row);
  }
  if (with_text.size() <= kRowsLookedAt) return with_text;
  std::vector<int> some;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const std::size_t at = (2 * i + 1) * with_text.size() / (2 * kPlaces);
    some.insert(some.end(), {with_text[at], with_text[at + 1]});
  }
  return some;
}

/// Share of the cells in which `seen` is as in `wanted`; cells that are blank in both do not count. 0
/// where so few are left that they tell nothing.
float agreement(const std::vector<std::int64_t>& wanted, const std::vector<std::int64_t>& seen) {
  std::size_t count = 0, same = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == Alphabet::kBlank && seen[i] == Alphabet::kBlank) continue;
    ++count;
    same += wanted[i] == seen[i];
  }
  return count < kLeastCells ? 0 : static_cast<float>(same) / static_cast<float>(count);
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
  if (rows.empty()) return last;
  const std::vector<std::int64_t> wanted = reader.glimpse_classes(features, density, rows);
  const auto suffices = [&](std::size_t rate) {
    const auto rounded = code.rounded(features, rate).to(features.device());
    return agreement(wanted, reader.glimpse_classes(rounded, density, rows)) >= rates[rate].agreement;
  };
  std::size_t first = 0, end = last;  // a finer rate is never worse
  while (first < end) {
    const std::size_t middle = (first + end) / 2;
    if (suffices(middle))
      end = middle;
    else
      first = middle + 1;
  }
  return first;
}

}  // namespace fovea
