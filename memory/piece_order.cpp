#include "memory/piece_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <ctime>

namespace fovea {
namespace {

// Scores are positive, so that their bits sort as they do.
std::uint32_t bits_of(float score) { return std::bit_cast<std::uint32_t>(score); }

/// The indices in `order` by score, highest first, equal ones as they stand: radix sort, as a scope
/// may have a million.
void sort_by_score(std::vector<std::uint32_t>& order, const LargeList<float>& score) {
  constexpr std::uint32_t kBits = 11, kBuckets = 1u << kBits;
  std::vector<std::uint32_t> sorted(order.size());
  for (std::uint32_t shift = 0; shift < 32; shift += kBits) {
    const auto bucket = [&](std::uint32_t i) { return ~bits_of(score[i]) >> shift & (kBuckets - 1); };
    std::array<std::size_t, kBuckets + 1> begin{};
    for (const std::uint32_t i : order) ++begin[bucket(i) + 1];
    for (std::size_t b = 0; b < kBuckets; ++b) begin[b + 1] += begin[b];
    for (const std::uint32_t i : order) sorted[begin[bucket(i)]++] = i;
    order.swap(sorted);
  }
}

/// A score that the best `limit` pieces have at least, and few others.
float least_score(const LargeList<float>& score, std::size_t limit) {
  constexpr std::uint32_t kShift = 16;  // sign, exponent and seven bits: scores alike to 1 %
  std::vector<std::uint32_t> count(std::size_t{1} << (32 - kShift));
  for (const float value : score) ++count[bits_of(value) >> kShift];
  std::size_t better = 0;
  std::uint32_t bucket = 0x7f80;  // beyond the largest number
  while (bucket > 0 && better < limit) better += count[--bucket];
  return std::bit_cast<float>(bucket << kShift);
}

/// Of those that answer the best ones, not sorted: `limit` and some more.
std::vector<std::uint32_t> best_pieces(const PieceIndex& index, const PieceScores& scores,
                                       std::size_t limit) {
  // Pieces without text count as others do; where there are any, or phrases come first, all are taken.
  const bool pick = limit < index.size() && !index.has_hashed && scores.phrases.empty();
  const float least = pick ? least_score(scores.score, limit) : 0;
  std::vector<std::uint32_t> best;
  for (std::uint32_t i = 0; i < index.size(); ++i) {
    if (scores.score[i] >= least && scores.score[i] > 0 && index.has_text(i)) best.push_back(i);
  }
  return best;
}

}  // namespace

std::vector<std::uint32_t> order_pieces_of(const PieceIndex& index, const PieceScores& scores,
                                           std::size_t limit) {
  std::vector<std::uint32_t> order = best_pieces(index, scores, limit);
  sort_by_score(order, scores.score);
  if (!scores.phrases.empty()) {
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::uint32_t i) { return std::popcount(scores.phrases[i]); });
  }
  const Time now = std::time(nullptr);
  for (auto i = static_cast<std::uint32_t>(index.size()); i-- > 0 && order.size() < limit;) {
    if (scores.score[i] <= 0 && index.has_text(i) && !index.is_over(i, now)) order.push_back(i);
  }
  order.resize(std::min(order.size(), limit));
  return order;
}

}  // namespace fovea
