#include "facade/readings.h"

#include <algorithm>

namespace fovea {
namespace {

constexpr std::size_t kKept = 8;  // pages

}  // namespace

std::vector<ReadPage> Readings::of(std::span<const VisionTokens> tokens, int beam_width,
                                   const Decode& decode) {
  std::vector<VisionTokens> unread;
  for (const VisionTokens& page : tokens) {
    if (!find(page, beam_width)) unread.push_back(page);
  }
  std::vector<ReadPage> read = unread.empty() ? std::vector<ReadPage>() : decode(unread);
  std::vector<ReadPage> pages;
  std::size_t next = 0;
  for (const VisionTokens& page : tokens) {
    const ReadPage* kept = find(page, beam_width);
    pages.push_back(kept ? *kept : read[next++]);
  }
  for (std::size_t i = 0; i < unread.size(); ++i)
    last_.push_back({std::move(unread[i]), beam_width, std::move(read[i])});
  while (last_.size() > kKept) last_.pop_front();
  return pages;
}

const ReadPage* Readings::find(const VisionTokens& tokens, int beam_width) const {
  const auto found = std::ranges::find_if(last_, [&](const Reading& reading) {
    return reading.beam_width == beam_width && reading.tokens == tokens;
  });
  return found == last_.end() ? nullptr : &found->page;
}

}  // namespace fovea
