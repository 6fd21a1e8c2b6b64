#include "recovery/corrections.h"

#include <algorithm>

#include "recovery/byte_writer.h"

namespace fovea {
namespace {

constexpr std::size_t kLongest = 15;      // that a half byte counts
constexpr std::size_t kMostRows = 256;    // more than any page has
constexpr std::size_t kMostEdits = 4096;  // of a row: more than it has bytes
constexpr std::size_t kMostKept = 1 << 20;  // bytes of a row: a document's whole text is one
constexpr std::size_t kWhole = 0;           // edits: the row's text follows instead

void write_check(std::string& bytes, std::uint64_t check, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(check >> (8 * i));
}

std::uint64_t read_check(ByteReader& reader, int size) {
  std::uint64_t check = 0;
  const std::string_view bytes = reader.take(static_cast<std::size_t>(size));
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte)
    check = check << 8 | static_cast<unsigned char>(*byte);
  return check;
}

/// The same with no more than 15 bytes removed or inserted at once.
std::vector<Edit> in_small_steps(const std::vector<Edit>& edits) {
  std::vector<Edit> small;
  for (const Edit& edit : edits) {
    std::size_t removed = 0, inserted = 0;
    do {
      Edit& part = small.emplace_back();
      part.keep = removed + inserted == 0 ? edit.keep : 0;
      part.remove = std::min(kLongest, edit.remove - removed);
      part.insert = edit.insert.substr(inserted, kLongest);
      removed += part.remove;
      inserted += part.insert.size();
    } while (removed < edit.remove || inserted < edit.insert.size());
  }
  return small;
}

}  // namespace

std::uint64_t check_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::uint16_t row_check_of(std::string_view text) {
  const std::uint64_t hash = check_of(text);
  return static_cast<std::uint16_t>(hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48);
}

Corrections corrections_between(const std::vector<std::string>& read,
                                const std::vector<std::string>& exact,
                                const std::vector<bool>& whole) {
  Corrections corrections;
  std::string text;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    text += exact[i];
    const int number = static_cast<int>(i);
    if (!whole.empty() && whole[i])
      corrections.rows.push_back({.number = number, .whole = exact[i]});
    else if (read[i] != exact[i])
      corrections.rows.push_back({.number = number,
                                  .check = row_check_of(read[i]),
                                  .edits = edits_between(read[i], exact[i])});
  }
  corrections.text_check = check_of(text);
  return corrections;
}

std::string whole_text(const Corrections& corrections) {
  std::string text;
  for (const Corrections::Row& row : corrections.rows) text += row.whole.value_or("");
  return text;
}

std::string pack_corrections(const Corrections& corrections) {
  std::string bytes;
  write_check(bytes, corrections.text_check, 8);
  int before = 0;
  for (const Corrections::Row& row : corrections.rows) {
    write_number(bytes, static_cast<std::uint64_t>(row.number - before));
    before = row.number;
    write_check(bytes, row.check, 2);
    if (row.whole) {
      write_number(bytes, kWhole);
      write_number(bytes, row.whole->size());
      bytes += *row.whole;
      continue;
    }
    const std::vector<Edit> edits = in_small_steps(row.edits);
    write_number(bytes, edits.size());
    for (const Edit& edit : edits) {
      write_number(bytes, edit.keep);
      bytes += static_cast<char>(edit.remove << 4 | edit.insert.size());
      bytes += edit.insert;
    }
  }
  return bytes;
}

Corrections unpack_corrections(std::string_view bytes) {
  ByteReader reader(bytes, "the corrections of a page");
  Corrections corrections{.text_check = read_check(reader, 8), .rows = {}};
  int number = 0;
  while (!reader.at_end()) {
    auto& row = corrections.rows.emplace_back();
    number += static_cast<int>(reader.number(kMostRows));
    if (number > static_cast<int>(kMostRows)) reader.damaged();
    row.number = number;
    row.check = static_cast<std::uint16_t>(read_check(reader, 2));
    const std::uint64_t count = reader.number(kMostEdits);
    if (count == kWhole) row.whole = reader.take(reader.number(kMostKept));
    for (std::uint64_t left = count; left > 0; --left) {
      Edit& edit = row.edits.emplace_back();
      edit.keep = reader.number(kMostKept);
      const auto sizes = static_cast<unsigned char>(reader.take(1)[0]);
      edit.remove = sizes >> 4;
      edit.insert = reader.take(sizes & kLongest);
    }
  }
  return corrections;
}

}  // namespace fovea
