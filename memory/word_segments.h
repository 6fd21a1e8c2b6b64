#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memory/database.h"
#include "memory/word_leaf.h"

namespace fovea {

/// Rows by the terms that they are to be taken out of.
using RowsOfTerms = std::map<std::string, std::vector<std::int64_t>>;

/// The segments of `piece_words` as FTS5 keeps them in its own tables, to take rows out of them in
/// place: FTS5 itself only notes that a row is gone, and its words stay until a merge comes across
/// them (from SQLite 3.42 on it can do this too, in a format that older versions do not read).
/// What it leaves is what FTS5 might have written itself, but for two things, both of which it drops
/// when it merges: an empty term in a segment that has lost all others, and, where an index of a
/// very long list names the first row of a leaf, that row without positions.
///
/// In a transaction of the caller's, before which FTS5 has written what it had in memory.
class WordSegments {
 public:
  explicit WordSegments(const Database& database);

  /// Takes the rows (in order) out of the terms' lists. `everywhere`: FTS5 may have taken rows out
  /// its own way, so that a term may have a row in several segments. False: something is not as
  /// expected, such as a row that is missing; then nothing is changed.
  bool remove(const RowsOfTerms& rows_of_terms, bool everywhere = false);

 private:
  struct Segment {
    std::int64_t id, first, last;  ///< number; first and last leaf
  };
  struct Leaf {
    std::string bytes;  ///< what `content` points into
    WordLeaf content;
    std::string first_term;  ///< as it is stored; empty: none
    bool changed = false;
  };
  /// Where a term's list begins, and up to which leaf it may go on.
  struct Place {
    std::int64_t leaf, last;
    bool has_index;  ///< of the first rows of its leaves
  };
  /// A list that is gone, whose index is to go.
  struct Dropped {
    std::int64_t segment;
    Place place;
    std::string term;
  };

  void read_segments();
  std::string bytes_of(const Segment& segment, std::int64_t number) const;
  std::optional<std::int64_t> first_row(const Segment& segment, std::int64_t number) const;
  Leaf& leaf(const Segment& segment, std::int64_t number);
  Place find(const Segment& segment, const std::string& term);
  std::int64_t next_with_terms(const Segment& segment, const Place& place, const std::string& term);
  std::size_t remove_from(const Segment& segment, const std::string& term,
                          const std::vector<std::int64_t>& rows);
  std::int64_t leaf_of_row(const Segment& segment, const Place& place, std::int64_t row);
  bool remove_row(const Segment& segment, const Place& place, const std::string& term,
                  std::int64_t row);
  void drop_tail(const Segment& segment, std::int64_t number, std::uint64_t bytes);
  void drop_empty_list(const Segment& segment, const Place& place, const std::string& term);
  void write();
  void write_drop(const Dropped& dropped);
  void write_first_term(const Segment& segment, std::int64_t number, Leaf& leaf);

  const Database& database_;
  std::vector<Segment> segments_;
  std::map<std::int64_t, Leaf> leaves_;  ///< read so far, by id
  std::vector<Dropped> dropped_;
};

}  // namespace fovea
