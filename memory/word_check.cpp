#include "memory/word_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "memory/hashed_words.h"
#include "memory/pieces.h"
#include "memory/schema.h"

namespace fovea {
namespace {

constexpr std::size_t kPiecesAtOnce = 4096;

/// Of a piece's words and their places, whatever their order; and its count of words as FTS5 has it.
struct PieceWords {
  std::uint64_t sum = 0;
  std::string size = {};
  bool operator==(const PieceWords&) const = default;
};

/// By the piece's row in the index.
using Words = std::map<std::int64_t, PieceWords>;

/// The words that an index has, each where it stands, read through temporary table `instances`.
void add_words(const Database& database, Words& words) {
  Statement word = database.prepare("SELECT doc, term, offset FROM temp.instances");
  while (word.step()) words[word.integer(0)].sum += mark_of_word(word.bytes(1), word.integer(2));
  Statement size = database.prepare("SELECT id, sz FROM piece_words_docsize");
  while (size.step()) words[size.integer(0)].size = size.text(1);
}

/// SQLite's number of 7 bits a byte, the highest first, from the front of `bytes`.
std::uint64_t take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 9 && !bytes.empty(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (i == 8) return number << 8 | byte;
    number = number << 7 | (byte & 0x7F);
    if (byte < 0x80) break;
  }
  return number;
}

/// FTS5's count of rows and words is that of the pieces.
bool totals_are_of(const Database& database, const Words& words) {
  constexpr std::string_view kTotals = "SELECT block FROM piece_words_data WHERE id = 1";
  Statement row = database.prepare(kTotals);
  if (!row.step()) return false;
  std::string_view totals = row.bytes(0);
  std::uint64_t sum = 0;
  for (const auto& [piece, of_piece] : words) {
    std::string_view size = of_piece.size;
    sum += take_number(size);
  }
  const std::uint64_t pieces = take_number(totals), counted = take_number(totals);
  return totals.empty() && pieces == words.size() && counted == sum;
}

}  // namespace

WordFindings check_words(const Database& database) {
  const WordInstances instances(database);
  Words found;
  add_words(database, found);
  WordFindings findings;
  findings.totals_differ = !found.empty() && !totals_are_of(database, found);

  const Database made(std::string(Database::kInMemory), "(in memory)", 0);
  prepare_schema(made);
  const WordInstances of_made(made);
  std::map<std::int64_t, PageId> pages;  // of the pieces that are looked at
  std::set<PageId> differing;
  const auto compare = [&] {
    Words expected;
    add_words(made, expected);
    for (const auto& [piece, page] : pages) {
      if (found[piece] != expected[piece]) differing.insert(page);
    }
    pages.clear();
    made.execute("INSERT INTO piece_words (piece_words) VALUES ('delete-all')");
  };
  MessageTexts texts(database);
  Statement add = made.prepare("INSERT INTO piece_words (rowid, text) VALUES (?, ?)");
  Statement row = database.prepare(
      "SELECT scope, place, page, message, message_begin, length FROM pieces WHERE words >= 0 "
      "AND hashed IS NULL ORDER BY scope, place");
  while (row.step()) {
    const ScopeId scope = row.integer(0);
    const auto text = texts.text(scope, {row.integer(3), static_cast<std::size_t>(row.integer(4)),
                                         static_cast<std::size_t>(row.integer(5))});
    if (!text) continue;
    const std::int64_t piece = word_row(scope, row.integer(1));
    add.bind(piece, *text).run();
    pages[piece] = row.integer(2);
    if (pages.size() == kPiecesAtOnce) compare();
  }
  compare();
  Statement hashed = database.prepare(
      "SELECT (scope << 32) + place, page, hashed FROM pieces WHERE hashed IS NOT NULL");
  while (hashed.step()) {
    if (found[hashed.integer(0)].sum != static_cast<std::uint64_t>(hashed.integer(2)))
      differing.insert(hashed.integer(1));
  }
  findings.pages.assign(differing.begin(), differing.end());
  return findings;
}

}  // namespace fovea
