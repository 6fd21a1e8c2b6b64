#include "context/page_window.h"

#include <algorithm>
#include <bit>

namespace fovea {
namespace {

/// Pages that leave at once from a window of so many: about a quarter, a power of two.
std::size_t batch_of(std::size_t pages) {
  return std::bit_floor(std::max<std::size_t>(1, pages / 4));
}

}  // namespace

std::size_t window_begin(const std::vector<WindowPage>& pages, const ContextCost& limit) {
  std::size_t begin = pages.size();
  ContextCost cost;
  for (std::size_t first = pages.size(); first-- > 0;) {
    cost = cost + pages[first].cost;
    if (!cost.fits(limit)) break;
    const std::size_t batch = batch_of(pages.size() - first);
    begin = std::min(begin, (first + batch - 1) / batch * batch);
  }
  while (begin > 0 && begin < pages.size() && pages[begin].follows_its_call) ++begin;
  return begin;
}

}  // namespace fovea
