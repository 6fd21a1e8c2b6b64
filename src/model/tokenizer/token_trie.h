#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fovea {

/// Fixed strings, looked for in a text: the leftmost match, of those the longest.
class TokenTrie {
 public:
  struct Match {
    std::size_t begin;
    std::size_t length;
    int id;
  };

  /// An empty `text` is not taken.
  void add(std::string_view text, int id);
  /// The first match at or after `from`.
  std::optional<Match> find(std::string_view text, std::size_t from) const;

 private:
  static constexpr int kNone = -1;
  std::unordered_map<std::uint64_t, int> next_;  // node << 8 | byte -> node
  std::vector<int> ids_{kNone};  // of the string that ends at a node; node 0 is the root
};

}  // namespace fovea
