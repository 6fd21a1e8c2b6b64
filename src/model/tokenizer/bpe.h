#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fovea {

/// Byte-pair encoding over bytes: a piece of text starts as its bytes' tokens; then, of all
/// neighbours that a rule joins, the pair whose rule is oldest is joined first, the leftmost of
/// equals. Const and thread-safe after construction.
class Bpe {
 public:
  /// No token stands for the byte.
  static constexpr int kNone = -1;

  Bpe() { byte_ids_.fill(kNone); }
  void set_byte(std::uint8_t byte, int id) { byte_ids_[byte] = id; }
  /// Adds a rule, younger than all before it; of two rules for one pair the younger counts.
  void add_merge(int left, int right, int joined);
  /// This text is one token whatever the rules say.
  void add_whole(std::string text, int id) { whole_.emplace(std::move(text), id); }

  /// Appends the ids of `piece`, any bytes. A byte without a token is left out.
  void append(std::string_view piece, std::vector<int>& ids) const;
  int id_of(std::uint8_t byte) const { return byte_ids_[byte]; }

 private:
  struct Merge {
    std::uint64_t pair = ~std::uint64_t{0};  ///< left << 32 | right; all ones: a free slot
    int rank = 0;
    int joined = 0;
  };
  std::size_t slot_of(std::uint64_t pair) const;
  void grow();

  std::array<int, 256> byte_ids_;
  std::vector<Merge> merges_ = std::vector<Merge>(16);  // open addressing, at most half full
  std::size_t used_ = 0;
  int rules_ = 0;
  std::unordered_map<std::string, int> whole_;
};

}  // namespace fovea
