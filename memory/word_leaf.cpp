#include "memory/word_leaf.h"

#include <algorithm>

#include "memory/varint.h"

namespace fovea {
namespace {

constexpr std::size_t kHead = 4;  // bytes: where the first row stands, and where the footer does

std::size_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])) << 8 |
         static_cast<unsigned char>(bytes[at + 1]);
}

void set_number(std::string& bytes, std::size_t at, std::size_t number) {
  bytes[at] = static_cast<char>(number >> 8);
  bytes[at + 1] = static_cast<char>(number);
}

/// The first row stands as it is, others as the distance from the one before.
std::vector<WordPosting> read_postings(std::string_view bytes) {
  std::vector<WordPosting> postings;
  std::uint64_t row = 0;
  while (!bytes.empty()) {
    row += take_varint(bytes);
    const std::uint64_t size = take_varint(bytes);
    const auto positions = bytes.substr(0, size / 2);
    bytes.remove_prefix(positions.size());
    postings.push_back({static_cast<std::int64_t>(row), size, positions});
  }
  return postings;
}

void write_postings(std::string& to, const std::vector<WordPosting>& postings) {
  std::uint64_t before = 0;
  for (const WordPosting& posting : postings) {
    const auto row = static_cast<std::uint64_t>(posting.row);
    append_varint(to, row - before);
    append_varint(to, posting.size);
    to += posting.positions;
    before = row;
  }
}

std::size_t shared_beginning(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

/// A term and its postings; of all but the first on a leaf, the term shares its beginning with the
/// one before.
WordList read_list(std::string_view bytes, const WordList* before) {
  WordList list;
  if (before) list.term = before->term.substr(0, take_varint(bytes));
  const std::uint64_t length = take_varint(bytes);
  const auto rest = bytes.substr(0, length);
  list.term += rest;
  bytes.remove_prefix(rest.size());
  list.postings = read_postings(bytes);
  return list;
}

void write_list(std::string& to, const WordList& list, const WordList* before) {
  const std::size_t shared = before ? shared_beginning(before->term, list.term) : 0;
  if (before) append_varint(to, shared);
  append_varint(to, list.term.size() - shared);
  to += list.term.substr(shared);
  write_postings(to, list.postings);
}

/// Where the terms begin, and where the last one ends.
std::vector<std::size_t> read_footer(std::string_view leaf, std::size_t footer) {
  std::vector<std::size_t> places;
  std::size_t place = 0;
  for (auto bytes = leaf.substr(footer); !bytes.empty();) {
    place += take_varint(bytes);
    places.push_back(std::min(place, footer));
  }
  places.push_back(footer);
  return places;
}

}  // namespace

std::optional<WordLeaf> WordLeaf::read(std::string_view bytes) {
  if (bytes.size() < kHead) return {};
  const std::size_t first_row = number_at(bytes, 0), footer = number_at(bytes, 2);
  if (footer < kHead || footer > bytes.size()) return {};
  const std::vector<std::size_t> terms = read_footer(bytes, footer);
  const std::size_t head_end = terms.front();
  const std::size_t head = first_row == 0 ? head_end : first_row;
  if (head < kHead || head > head_end || !std::ranges::is_sorted(terms)) return {};
  WordLeaf leaf;
  leaf.tail = bytes.substr(kHead, head - kHead);
  leaf.head = read_postings(bytes.substr(head, head_end - head));
  for (std::size_t i = 0; i + 1 < terms.size(); ++i)
    leaf.lists.push_back(read_list(bytes.substr(terms[i], terms[i + 1] - terms[i]),
                                   leaf.lists.empty() ? nullptr : &leaf.lists.back()));
  if (leaf.written() != bytes) return {};
  return leaf;
}

std::optional<std::int64_t> WordLeaf::first_row(std::string_view bytes) {
  const std::size_t at = bytes.size() < kHead ? 0 : number_at(bytes, 0);
  if (at == 0 || at >= bytes.size()) return {};
  bytes.remove_prefix(at);
  return static_cast<std::int64_t>(take_varint(bytes));
}

std::string WordLeaf::written() const {
  std::string bytes(kHead, '\0'), footer;
  bytes += tail;
  if (!head.empty()) set_number(bytes, 0, bytes.size());
  write_postings(bytes, head);
  std::size_t place = 0;
  const WordList* before = nullptr;
  for (const WordList& list : lists) {
    append_varint(footer, bytes.size() - place);
    place = bytes.size();
    write_list(bytes, list, before);
    before = &list;
  }
  set_number(bytes, 2, bytes.size());
  return bytes + footer;
}

}  // namespace fovea
