#include "model/codec/token_rate.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

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
float agreement(std::span<const std::int64_t> wanted, std::span<const std::int64_t> seen) {
  std::size_t count = 0, same = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == Alphabet::kBlank && seen[i] == Alphabet::kBlank) continue;
    ++count;
    same += wanted[i] == seen[i];
  }
  return count < kLeastCells ? 0 : static_cast<float>(same) / static_cast<float>(count);
}

/// Where the search for a page's rate stands: it is one of first .. end.
struct Search {
  std::int64_t page;
  std::size_t first = 0, end;

  std::size_t middle() const { return (first + end) / 2; }
};

/// Pages of one density of which the same rows are looked at, all at once.
void search_rates(const TokenCode& code, const LineReader& reader, const at::Tensor& features,
                  Density density, const std::vector<int>& rows,
                  std::span<const std::int64_t> pages, std::vector<std::size_t>& found) {
  const auto of = [&](const std::vector<std::int64_t>& chosen) {
    return features.index_select(0, at::tensor(chosen).to(features.device()));
  };
  std::vector<Search> open;
  for (const std::int64_t page : pages) open.push_back({page, 0, code.rates().size() - 1});
  const auto all = of({pages.begin(), pages.end()});
  const std::vector<std::int64_t> wanted = reader.glimpse_classes(all, density, rows);
  const std::size_t cells = wanted.size() / pages.size();
  std::map<std::int64_t, std::span<const std::int64_t>> wanted_of;
  for (std::size_t i = 0; i < pages.size(); ++i)
    wanted_of[pages[i]] = std::span(wanted).subspan(i * cells, cells);
  while (!open.empty()) {  // a finer rate is never worse
    std::vector<std::int64_t> numbers;
    std::vector<std::size_t> rates;
    for (const Search& search : open) {
      numbers.push_back(search.page);
      rates.push_back(search.middle());
    }
    const std::vector<std::int64_t> seen =
        reader.glimpse_classes(code.rounded(of(numbers), rates), density, rows);
    for (std::size_t i = 0; i < open.size(); ++i) {
      const float share =
          agreement(wanted_of[open[i].page], std::span(seen).subspan(i * cells, cells));
      if (share >= code.rates()[rates[i]].agreement)
        open[i].end = rates[i];
      else
        open[i].first = rates[i] + 1;
      found[static_cast<std::size_t>(open[i].page)] = open[i].first;
    }
    std::erase_if(open, [](const Search& search) { return search.first >= search.end; });
  }
}

}  // namespace

std::vector<std::size_t> choose_rates(const TokenCode& code, const LineReader& reader,
                                      const at::Tensor& features,
                                      std::span<const PageShape> pages) {
  const auto& rates = code.rates();
  const bool is_open = std::any_of(rates.begin(), rates.end() - 1,
                                   [](const TokenRate& rate) { return rate.agreement > 0; });
  if (!is_open) return std::vector<std::size_t>(pages.size(), 0);
  std::vector<std::size_t> found(pages.size(), rates.size() - 1);
  std::map<std::pair<Density, std::vector<int>>, std::vector<std::int64_t>> alike;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    std::vector<int> rows = some_rows(grid_of(pages[i].density).rows, pages[i].row_lengths);
    if (rows.empty()) continue;
    alike[{pages[i].density, std::move(rows)}].push_back(static_cast<std::int64_t>(i));
  }
  for (const auto& [shape, numbers] : alike)
    search_rates(code, reader, features, shape.first, shape.second, numbers, found);
  return found;
}

}  // namespace fovea
