#include "model/tokenizer/bpe.h"

#include <queue>
#include <utility>

namespace fovea {
namespace {

std::uint64_t pair_of(int left, int right) {
  return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
}

/// A token of the piece, linked to its neighbours (-1: none).
struct Symbol {
  int id;
  int previous;
  int next;
  bool gone = false;
};

/// A join that was possible when it was noted.
struct Candidate {
  int rank;
  int at;  ///< index of the left symbol
  int joined;
  int left, right;  ///< ids at that time

  bool operator<(const Candidate& other) const {  // std::priority_queue puts the greatest on top
    return rank != other.rank ? rank > other.rank : at > other.at;
  }
};

}  // namespace

/// Where the pair is, or the free slot where it would go.
std::size_t Bpe::slot_of(std::uint64_t pair) const {
  const std::size_t mask = merges_.size() - 1;
  std::size_t slot = (pair * 0x9E3779B97F4A7C15u >> 32) & mask;
  while (merges_[slot].pair != pair && merges_[slot].pair != Merge{}.pair) slot = (slot + 1) & mask;
  return slot;
}

void Bpe::grow() {
  std::vector<Merge> old(merges_.size() * 2);
  old.swap(merges_);
  for (const Merge& merge : old)
    if (merge.pair != Merge{}.pair) merges_[slot_of(merge.pair)] = merge;
}

void Bpe::add_merge(int left, int right, int joined) {
  if (2 * (used_ + 1) > merges_.size()) grow();
  Merge& merge = merges_[slot_of(pair_of(left, right))];
  if (merge.pair == Merge{}.pair) ++used_;
  merge = {pair_of(left, right), rules_++, joined};
}

void Bpe::append(std::string_view piece, std::vector<int>& ids) const {
  if (!whole_.empty()) {
    const auto found = whole_.find(std::string(piece));
    if (found != whole_.end()) return ids.push_back(found->second);
  }
  std::vector<Symbol> symbols;
  symbols.reserve(piece.size());
  for (const char c : piece) {
    const int id = byte_ids_[static_cast<std::uint8_t>(c)];
    const int at = static_cast<int>(symbols.size());
    if (id != kNone) symbols.push_back({id, at - 1, at + 1});
  }
  if (symbols.empty()) return;
  symbols.back().next = -1;

  std::priority_queue<Candidate> queue;
  const auto note = [&](int at) {
    if (at < 0 || symbols[at].next < 0) return;
    const int left = symbols[at].id, right = symbols[symbols[at].next].id;
    const Merge& merge = merges_[slot_of(pair_of(left, right))];
    if (merge.pair != Merge{}.pair) queue.push({merge.rank, at, merge.joined, left, right});
  };
  for (int i = 0; i + 1 < static_cast<int>(symbols.size()); ++i) note(i);

  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = symbols[top.at];
    if (left.gone || left.next < 0 || left.id != top.left) continue;
    Symbol& right = symbols[left.next];
    if (right.id != top.right) continue;
    left.id = top.joined;
    left.next = right.next;
    right.gone = true;
    if (left.next >= 0) symbols[left.next].previous = top.at;
    note(left.previous);
    note(top.at);
  }
  for (int i = 0; i >= 0; i = symbols[i].next) ids.push_back(symbols[i].id);
}

}  // namespace fovea
