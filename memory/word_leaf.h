#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// A row in a term's list.
struct WordPosting {
  std::int64_t row = 0;
  std::uint64_t size = 0;  ///< of its positions in bytes, times 2; + 1: it takes the row out
  std::string_view positions =
      {};  ///< as far as they stand on the leaf; the next ones have the rest

  bool is_hollow() const { return size == 0; }  ///< no search finds it, a merge drops it
  std::uint64_t bytes_behind() const { return size / 2 - positions.size(); }
};

struct WordList {
  std::string term;  ///< as the index keeps it: a byte for the kind of index stands before it
  std::vector<WordPosting> postings;
};

/// A leaf of FTS5's index, taken apart (ext/fts5/fts5_index.c in SQLite's sources describes it): the
/// terms in order with their rows in order. A term's list may go on on the next leaves.
struct WordLeaf {
  std::string_view tail;          ///< the rest of the positions that the leaf before ends with
  std::vector<WordPosting> head;  ///< of the last term before this leaf
  std::vector<WordList> lists;

  /// Points into `bytes`. Nothing: they are no leaf that `written` would give back as it was.
  static std::optional<WordLeaf> read(std::string_view bytes);
  std::string written() const;
  /// Of `head`, without taking the rest apart.
  static std::optional<std::int64_t> first_row(std::string_view bytes);
};

}  // namespace fovea
