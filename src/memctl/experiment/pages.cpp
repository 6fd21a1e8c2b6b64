#include "memctl/experiment/pages.h"

#include <algorithm>

#include "fovea/text.h"

namespace fovea::memctl {
namespace {

/// Of all pages; what follows the last full one begins at the last.
std::vector<std::size_t> all_starts(const Renderer& renderer, std::string_view text,
                                    Density density) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size();) {
    starts.push_back(at);
    const std::size_t length = renderer.lay_out(text.substr(at), density).text.size();
    at += std::max<std::size_t>(1, length);
  }
  return starts;
}

/// Without laying out all of a long text. Nothing where pages would overlap.
std::vector<std::size_t> spread_starts(const Renderer& renderer, std::string_view text,
                                       Density density, std::size_t count) {
  const std::size_t length = renderer.lay_out(text, density).text.size();
  if (text.size() / std::max<std::size_t>(1, length) <= count) return {};
  const std::size_t room = text.size() - 2 * length;
  std::vector<std::size_t> starts;
  std::size_t end = 0;  // of the page before
  for (std::size_t i = 0; i < count; ++i) {
    starts.push_back(character_start(text, room * i / count));
    if (starts.back() < end) return {};
    const Page page = renderer.lay_out(text.substr(starts.back()), density);
    if (!Renderer::is_full(page)) return {};
    end = starts.back() + page.text.size();
  }
  return starts;
}

}  // namespace

std::vector<std::size_t> page_starts(const Renderer& renderer, std::string_view text,
                                     Density density, std::size_t count) {
  if (count > 0) {
    const auto spread = spread_starts(renderer, text, density, count);
    if (!spread.empty()) return spread;
  }
  std::vector<std::size_t> all = all_starts(renderer, text, density);
  if (count == 0 || all.size() <= count) return all;
  std::vector<std::size_t> some;  // without the last page, which may be part-filled
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * (all.size() - 1) / count]);
  return some;
}

}  // namespace fovea::memctl
