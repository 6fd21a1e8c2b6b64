#include "model/reading/cell_counter.h"

#include <algorithm>

#include "core/utf8.h"

namespace fovea {
namespace {

bool is_printable_ascii(char c) {
  return c >= 0x20 && c < 0x7F;
}

}  // namespace

void CellCounter::append(std::string_view bytes) {
  if (bytes.empty()) return;
  const bool plain = (tail_.empty() || (tail_.size() == 1 && is_printable_ascii(tail_[0]))) &&
                     std::all_of(bytes.begin(), bytes.end(), is_printable_ascii);
  if (plain) {
    finished_ += last_ + static_cast<int>(bytes.size()) - 1;
    last_ = 1;
    tail_ = bytes.back();
    return;
  }
  tail_ += bytes;
  const std::size_t incomplete = incomplete_tail(tail_);
  const std::string_view complete(tail_.data(), tail_.size() - incomplete);
  inside_ = incomplete > 0;
  last_ = 0;
  std::size_t last_begin = 0;
  for (std::size_t at = 0; at < complete.size();) {
    const TextUnit unit = next_unit(complete, at, alphabet_);
    finished_ += last_;
    last_ = unit.width;
    last_begin = at;
    at += unit.length;
  }
  tail_.erase(0, last_begin);
}

int cells_of_token(std::string_view bytes, const CodePoints* alphabet) {
  const std::size_t begin =
      std::find_if_not(bytes.begin(), bytes.end(), utf8_is_continuation) - bytes.begin();
  bytes.remove_prefix(std::min<std::size_t>(begin, 3));
  return count_cells(bytes.substr(0, bytes.size() - incomplete_tail(bytes)), alphabet);
}

}  // namespace fovea
