#include "facade/readings.h"

#include <algorithm>

namespace fovea {
namespace {

constexpr std::size_t kKept = 8;  // pages; twice as many as are decoded together

}  // namespace

std::vector<ReadPage> Readings::of(std::span<const VisionTokens> tokens, const Decode& decode) {
  std::vector<VisionTokens> unread;
  for (const VisionTokens& page : tokens) {
    if (!find(page)) unread.push_back(page);
  }
  std::vector<ReadPage> read = unread.empty() ? std::vector<ReadPage>() : decode(unread);
  std::vector<ReadPage> pages;
  std::size_t next = 0;
  for (const VisionTokens& page : tokens) {
    const ReadPage* kept = find(page);
    pages.push_back(kept ? *kept : read[next++]);
  }
  for (std::size_t i = 0; i < unread.size(); ++i)
    last_.push_back({std::move(unread[i]), std::move(read[i])});
  while (last_.size() > kKept) last_.pop_front();
  return pages;
}

const ReadPage* Readings::find(const VisionTokens& tokens) const {
  const auto found = std::ranges::find(last_, tokens, &Reading::tokens);
  return found == last_.end() ? nullptr : &found->page;
}

}  // namespace fovea
