#include "memory/word_segments.h"

#include <algorithm>
#include <stdexcept>

#include "memory/varint.h"

namespace fovea {
namespace {

/// Something in the tables that FTS5 would not write, or that this does not know.
struct Unexpected : std::runtime_error {
  Unexpected() : std::runtime_error("the index of words is not as expected") {}
};

void expect(bool holds) {
  if (!holds) throw Unexpected();
}

// Ids in FTS5's table of data.
constexpr std::int64_t kStructure = 10;
constexpr int kSegmentBits = 37, kIndexBit = 36, kHeightBits = 31;
constexpr std::int64_t kHeights = 32;

std::int64_t leaf_id(std::int64_t segment, std::int64_t number) {
  return (segment << kSegmentBits) + number;
}

constexpr std::string_view kKindOfIndex = "0";  // before each term: no index of beginnings

using Lists = std::vector<WordList>;

Lists::iterator list_of(WordLeaf& leaf, const std::string& term) {
  const auto found = std::ranges::lower_bound(leaf.lists, term, {}, &WordList::term);
  return found != leaf.lists.end() && found->term == term ? found : leaf.lists.end();
}

}  // namespace

WordSegments::WordSegments(const Database& database) : database_(database) {}

bool WordSegments::remove(const RowsOfTerms& rows_of_terms, bool everywhere) {
  try {
    read_segments();
    for (const auto& [word, rows] : rows_of_terms) {
      const std::string term = std::string(kKindOfIndex) + word;
      std::size_t removed = 0;
      for (std::size_t i = 0; i < segments_.size(); ++i) {
        if (removed >= rows.size() && !everywhere) break;
        const std::size_t here = remove_from(segments_[i], term, rows);
        removed += here;
        // All words of a row are in one segment, or in two between which a merge is under way.
        if (here > 0 && i > 0) std::swap(segments_[0], segments_[i]);
      }
      expect(removed >= rows.size());
    }
  } catch (const Unexpected&) {
    return false;
  }
  write();
  return true;
}

void WordSegments::read_segments() {
  Statement row = database_.prepare("SELECT block FROM piece_words_data WHERE id = ?");
  expect(row.bind(kStructure).step());
  std::string_view bytes = row.bytes(0);
  expect(bytes.size() >= 4);
  bytes.remove_prefix(4);  // changes with the table's options
  const std::uint64_t levels = take_varint(bytes);
  take_varint(bytes);  // segments
  take_varint(bytes);  // leaves written so far
  for (std::uint64_t level = 0; level < levels; ++level) {
    take_varint(bytes);  // of these segments are being merged
    for (std::uint64_t left = take_varint(bytes); left > 0; --left) {
      expect(!bytes.empty());
      Segment segment{};
      for (std::int64_t* number : {&segment.id, &segment.first, &segment.last})
        *number = static_cast<std::int64_t>(take_varint(bytes));
      segments_.push_back(segment);
    }
  }
  expect(bytes.empty());
}

std::string WordSegments::bytes_of(const Segment& segment, std::int64_t number) const {
  Statement row = database_.prepare("SELECT block FROM piece_words_data WHERE id = ?");
  expect(row.bind(leaf_id(segment.id, number)).step());
  return row.text(0);
}

/// Of those that go on from the leaf before.
std::optional<std::int64_t> WordSegments::first_row(const Segment& segment,
                                                    std::int64_t number) const {
  const auto known = leaves_.find(leaf_id(segment.id, number));
  if (known == leaves_.end()) return WordLeaf::first_row(bytes_of(segment, number));
  const auto& head = known->second.content.head;
  return head.empty() ? std::nullopt : std::optional(head.front().row);
}

WordSegments::Leaf& WordSegments::leaf(const Segment& segment, std::int64_t number) {
  const auto [place, is_new] = leaves_.try_emplace(leaf_id(segment.id, number));
  Leaf& made = place->second;
  if (!is_new) return made;
  made.bytes = bytes_of(segment, number);
  auto content = WordLeaf::read(made.bytes);
  expect(content.has_value());
  made.content = std::move(*content);
  if (!made.content.lists.empty()) made.first_term = made.content.lists.front().term;
  return made;
}

/// FTS5 notes for leaves with terms what separates them: no more than the first term, and more than
/// the one before.
WordSegments::Place WordSegments::find(const Segment& segment, const std::string& term) {
  Statement here = database_.prepare(
      "SELECT pgno FROM piece_words_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1");
  here.bind(segment.id, Blob(std::string_view(term)));
  if (!here.step() || here.integer(0) >> 1 < segment.first)
    return {segment.first, segment.first, false};
  const std::int64_t number = here.integer(0) >> 1;
  return {number, number, (here.integer(0) & 1) != 0};
}

std::int64_t WordSegments::next_with_terms(const Segment& segment, const Place& place,
                                           const std::string& term) {
  Statement next = database_.prepare(
      "SELECT pgno >> 1 FROM piece_words_idx WHERE segid = ? AND term > ? AND pgno >> 1 > ? "
      "ORDER BY term LIMIT 1");
  next.bind(segment.id, Blob(std::string_view(term)), place.leaf);
  return next.step() ? next.integer(0) : segment.last;
}

std::size_t WordSegments::remove_from(const Segment& segment, const std::string& term,
                                      const std::vector<std::int64_t>& rows) {
  if (segment.first == 0) return 0;  // all of it has been merged into another one
  Place place = find(segment, term);
  WordLeaf& first = leaf(segment, place.leaf).content;
  const auto list = list_of(first, term);
  if (list == first.lists.end()) return 0;
  if (std::next(list) == first.lists.end()) place.last = next_with_terms(segment, place, term);
  std::size_t removed = 0;
  for (const std::int64_t row : rows) removed += remove_row(segment, place, term, row) ? 1 : 0;
  if (list->postings.empty()) drop_empty_list(segment, place, term);
  return removed;
}

/// The leaf on which the row stands, if the term has it.
std::int64_t WordSegments::leaf_of_row(const Segment& segment, const Place& place,
                                       std::int64_t row) {
  std::int64_t low = place.leaf, high = place.last;
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    std::int64_t next = middle;  // the first one from there that begins a row
    auto first = first_row(segment, next);
    while (!first && next < high) first = first_row(segment, ++next);
    if (!first || *first > row)
      high = middle - 1;
    else
      low = next;
  }
  return low;
}

bool WordSegments::remove_row(const Segment& segment, const Place& place, const std::string& term,
                              std::int64_t row) {
  const std::int64_t number = leaf_of_row(segment, place, row);
  Leaf& at = leaf(segment, number);
  auto& postings = number == place.leaf ? list_of(at.content, term)->postings : at.content.head;
  const auto found = std::ranges::lower_bound(postings, row, {}, &WordPosting::row);
  if (found == postings.end() || found->row != row) return false;
  at.changed = true;
  drop_tail(segment, number + 1, found->bytes_behind());
  const bool was_hollow = found->is_hollow();
  const bool is_named = place.has_index && number > place.leaf && found == postings.begin();
  if (is_named)
    *found = {.row = row};
  else
    postings.erase(found);
  return !was_hollow;
}

/// What leaves from `number` on have of a posting's positions.
void WordSegments::drop_tail(const Segment& segment, std::int64_t number, std::uint64_t bytes) {
  for (; bytes > 0; ++number) {
    expect(number <= segment.last);
    Leaf& at = leaf(segment, number);
    expect(at.content.tail.size() <= bytes);
    bytes -= at.content.tail.size();
    at.content.tail = {};
    at.changed = true;
  }
}

/// A term whose list has nothing on the leaf where it begins: on the ones behind, there may be more.
void WordSegments::drop_empty_list(const Segment& segment, const Place& place,
                                   const std::string& term) {
  for (std::int64_t number = place.leaf + 1; number <= place.last; ++number) {
    const auto& head = leaf(segment, number).content.head;
    if (!std::ranges::all_of(head, &WordPosting::is_hollow)) return;
  }
  for (std::int64_t number = place.leaf + 1; number <= place.last; ++number) {
    Leaf& at = leaf(segment, number);
    if (at.content.head.empty()) continue;
    at.content.head.clear();
    at.changed = true;
  }
  Leaf& first = leaf(segment, place.leaf);
  first.content.lists.erase(list_of(first.content, term));
  first.changed = true;
  if (place.has_index && place.last > place.leaf) dropped_.push_back({segment.id, place, term});
}

void WordSegments::write_drop(const Dropped& dropped) {
  const auto& [segment, place, term] = dropped;
  database_
      .prepare(
          "UPDATE piece_words_idx SET pgno = pgno & ~1 WHERE segid = ?1 AND term = (SELECT term "
          "FROM piece_words_idx WHERE segid = ?1 AND term <= ?2 ORDER BY term DESC LIMIT 1)")
      .bind(segment, Blob(std::string_view(term)))
      .run();
  Statement remove = database_.prepare("DELETE FROM piece_words_data WHERE id BETWEEN ? AND ?");
  for (std::int64_t height = 0; height < kHeights; ++height) {
    const std::int64_t level = (std::int64_t{1} << kIndexBit) + (height << kHeightBits);
    remove.bind(leaf_id(segment, level + place.leaf), leaf_id(segment, level + place.last - 1))
        .run();
  }
}

void WordSegments::write() {
  for (const Dropped& dropped : dropped_) write_drop(dropped);
  constexpr std::size_t kSmall = 2000;  // bytes; about half of a leaf
  Statement save = database_.prepare("UPDATE piece_words_data SET block = ?1 WHERE id = ?2");
  // SQLite joins pages with little on them where a row is deleted, not where one shrinks.
  Statement remove = database_.prepare("DELETE FROM piece_words_data WHERE id = ?");
  Statement insert = database_.prepare("INSERT INTO piece_words_data (block, id) VALUES (?1, ?2)");
  Statement trim =
      database_.prepare("DELETE FROM piece_words_idx WHERE segid = ? AND pgno >> 1 < ?");
  for (const Segment& segment : segments_) {
    const auto end = leaves_.upper_bound(leaf_id(segment.id, segment.last));
    for (auto at = leaves_.lower_bound(leaf_id(segment.id, segment.first)); at != end; ++at) {
      if (!at->second.changed) continue;
      write_first_term(segment, at->first - leaf_id(segment.id, 0), at->second);
      const std::string bytes = at->second.content.written();
      if (bytes.size() < kSmall) remove.bind(at->first).run();
      (bytes.size() < kSmall ? insert : save).bind(Blob(std::string_view(bytes)), at->first).run();
    }
    // Of leaves that a merge is done with FTS5 still has the beginnings of their first terms.
    if (segment.first > 1) trim.bind(segment.id, segment.first).run();
  }
}

/// What separates the leaf from the one before is made of its first term.
void WordSegments::write_first_term(const Segment& segment, std::int64_t number, Leaf& leaf) {
  auto& lists = leaf.content.lists;
  if (lists.empty() && number == segment.first)
    lists.push_back({std::string(kKindOfIndex), {{.row = 1}}});
  const std::string first = lists.empty() ? "" : lists.front().term;
  if (first == leaf.first_term) return;
  Statement there = database_.prepare(
      "SELECT term FROM piece_words_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1");
  there.bind(segment.id, Blob(std::string_view(leaf.first_term)));
  if (!there.step() || there.bytes(0).empty()) return;  // before the very first leaf stands nothing
  const std::string separator = there.text(0);
  there.reset();
  if (lists.empty())
    database_.prepare("DELETE FROM piece_words_idx WHERE segid = ? AND term = ?")
        .bind(segment.id, Blob(std::string_view(separator)))
        .run();
  else
    database_.prepare("UPDATE piece_words_idx SET term = ?3 WHERE segid = ?1 AND term = ?2")
        .bind(segment.id, Blob(std::string_view(separator)), Blob(std::string_view(first)))
        .run();
}

}  // namespace fovea
