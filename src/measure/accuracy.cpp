#include "measure/accuracy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "core/utf8.h"
#include "fovea/measure.h"

namespace fovea {
namespace {

// Myers' bit-vector algorithm in blocks of 64 rows (Hyyro's form), within a band around the
// diagonal that is widened until the distance fits (Ukkonen).

constexpr std::size_t kWordBits = 64;
constexpr char32_t kInvalidByte = 0xDC00;  // what such a byte is added to: no character's number

/// Which of a block's 64 characters equal a given one: a hash table of its at most 64 keys.
class BlockPattern {
 public:
  void add(char32_t c, int row) {
    Slot& slot = slots_[find(c)];
    slot.key = c + 1;
    slot.rows |= std::uint64_t{1} << row;
  }
  std::uint64_t rows_of(char32_t c) const { return slots_[find(c)].rows; }

 private:
  struct Slot {
    char32_t key = 0;  // the character + 1; 0: free
    std::uint64_t rows = 0;
  };
  std::size_t find(char32_t c) const {
    std::size_t i = (c * 2654435761u >> 7) % slots_.size();
    while (slots_[i].key != 0 && slots_[i].key != c + 1) i = (i + 1) % slots_.size();
    return i;
  }
  std::array<Slot, 128> slots_;
};

struct Block {
  std::uint64_t up = ~std::uint64_t{0};  // rows where the score grows by one going down
  std::uint64_t down = 0;                // rows where it falls by one

  /// Goes on by one column; `in` and the result are the score's change along that column at the
  /// block's upper and lower edge (the row of `bottom`).
  int advance(std::uint64_t equal, int in, std::uint64_t bottom) {
    const std::uint64_t vertical = equal | down;
    if (in < 0) equal |= 1;
    const std::uint64_t horizontal = (((equal & up) + up) ^ up) | equal;
    std::uint64_t grows = down | ~(horizontal | up);
    std::uint64_t falls = up & horizontal;
    const int out = (grows & bottom) ? 1 : (falls & bottom) ? -1 : 0;
    grows = grows << 1 | (in > 0 ? 1 : 0);
    falls = falls << 1 | (in < 0 ? 1 : 0);
    up = falls | ~(vertical | grows);
    down = grows & vertical;
    return out;
  }
};

std::vector<BlockPattern> patterns_of(std::u32string_view a) {
  std::vector<BlockPattern> patterns((a.size() + kWordBits - 1) / kWordBits);
  for (std::size_t i = 0; i < a.size(); ++i) {
    patterns[i / kWordBits].add(a[i], static_cast<int>(i % kWordBits));
  }
  return patterns;
}

/// The distance when it is at most `band`, otherwise something larger than `band`.
std::size_t banded_distance(const std::vector<BlockPattern>& patterns, std::size_t rows,
                            std::u32string_view b, std::size_t band) {
  std::vector<Block> blocks(patterns.size());
  const auto height = [&](std::size_t block) {
    return std::min(kWordBits, rows - block * kWordBits);
  };
  std::size_t last = 0;
  auto score = static_cast<std::int64_t>(height(0));  // at the lower edge of block `last`
  for (std::size_t column = 0; column < b.size(); ++column) {
    const std::size_t first = column > band ? (column - band) / kWordBits : 0;
    const std::size_t wanted = std::min((column + band) / kWordBits, blocks.size() - 1);
    int change = 1;
    for (std::size_t i = first; i <= wanted; ++i) {
      if (i > last) {
        score += static_cast<std::int64_t>(height(i)) - change;  // the edge as it was a column ago
        last = i;
      }
      change = blocks[i].advance(patterns[i].rows_of(b[column]), change,
                                 std::uint64_t{1} << (height(i) - 1));
      if (i == last) score += change;
    }
  }
  return last + 1 == blocks.size() ? static_cast<std::size_t>(score) : band + 1;
}

/// Bytes of the character at the start of `text`: 1 for a byte that is not UTF-8.
std::size_t first_length(std::string_view text) {
  return static_cast<std::size_t>(std::max(1, utf8_valid(text)));
}

}  // namespace

std::u32string characters_of(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    const bool valid = utf8_valid(text) > 0;
    const std::size_t length = first_length(text);
    characters += valid ? utf8_decode(text.substr(0, length))
                        : kInvalidByte + static_cast<unsigned char>(text[0]);
    text.remove_prefix(length);
  }
  return characters;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_length(text));
  return count;
}

std::size_t edit_distance(std::u32string_view a, std::u32string_view b) {
  const auto head = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  a.remove_prefix(static_cast<std::size_t>(head));
  b.remove_prefix(static_cast<std::size_t>(head));
  const auto tail = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin();
  a.remove_suffix(static_cast<std::size_t>(tail));
  b.remove_suffix(static_cast<std::size_t>(tail));
  if (a.empty() || b.empty()) return a.size() + b.size();

  const auto patterns = patterns_of(a);
  const std::size_t longest = std::max(a.size(), b.size());
  const std::size_t unequal = longest - std::min(a.size(), b.size());
  for (std::size_t band = std::max<std::size_t>(kWordBits, 2 * unequal);; band *= 4) {
    const std::size_t distance = banded_distance(patterns, a.size(), b, std::min(band, longest));
    if (distance <= band || band >= longest) return distance;
  }
}

bool is_word_byte(char byte) {
  const auto c = static_cast<unsigned char>(byte);
  return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_word_byte(text[end])) ++end;
    if (end > i) words.push_back(text.substr(i, end - i));
    i = end + 1;
  }
  return words;
}

std::vector<std::string_view> distinct_words(std::string_view text) {
  std::vector<std::string_view> words = words_of(text);
  std::unordered_set<std::string_view> seen;
  std::erase_if(words, [&](std::string_view word) { return !seen.insert(word).second; });
  return words;
}

double word_precision(std::string_view exact, std::string_view read) {
  const auto words = distinct_words(exact);
  const std::unordered_set<std::string_view> present(words.begin(), words.end());
  const auto found = distinct_words(read);
  if (found.empty()) return present.empty() ? 1 : 0;
  const auto right = std::ranges::count_if(
      found, [&](std::string_view word) { return present.contains(word); });
  return static_cast<double>(right) / static_cast<double>(found.size());
}

double accuracy(std::string_view exact, std::string_view read) {
  const std::u32string a = characters_of(exact);
  const std::u32string b = characters_of(read);
  if (a.empty()) return b.empty() ? 1 : 0;
  const double errors = static_cast<double>(edit_distance(a, b));
  return std::max(0.0, 1 - errors / static_cast<double>(a.size()));
}

double likeness(std::string_view a, std::string_view b) {
  return std::min(accuracy(a, b), accuracy(b, a));
}

}  // namespace fovea
