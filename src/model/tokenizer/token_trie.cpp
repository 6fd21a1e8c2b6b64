#include "model/tokenizer/token_trie.h"

namespace fovea {
namespace {

std::uint64_t edge(int node, char byte) {
  return static_cast<std::uint64_t>(node) << 8 | static_cast<unsigned char>(byte);
}

}  // namespace

void TokenTrie::add(std::string_view text, int id) {
  if (text.empty()) return;
  int node = 0;
  for (const char c : text) {
    const auto [place, is_new] = next_.try_emplace(edge(node, c), static_cast<int>(ids_.size()));
    if (is_new) ids_.push_back(kNone);
    node = place->second;
  }
  ids_[node] = id;
}

std::optional<TokenTrie::Match> TokenTrie::find(std::string_view text, std::size_t from) const {
  if (next_.empty()) return {};
  for (std::size_t begin = from; begin < text.size(); ++begin) {
    std::optional<Match> longest;
    int node = 0;
    for (std::size_t at = begin; at < text.size(); ++at) {
      const auto found = next_.find(edge(node, text[at]));
      if (found == next_.end()) break;
      node = found->second;
      if (ids_[node] != kNone) longest = Match{begin, at + 1 - begin, ids_[node]};
    }
    if (longest) return longest;
  }
  return {};
}

}  // namespace fovea
