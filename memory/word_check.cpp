#include "memory/word_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "memory/hashed_words.h"
#include "memory/message_texts.h"
#include "memory/pieces.h"
#include "memory/schema.h"
#include "memory/word_index.h"

namespace fovea {
namespace {

constexpr std::size_t kPiecesAtOnce = 4096;

/// Of a piece's words and their places, whatever their order; and its count of words as the index
/// has it.
struct PieceWords {
  std::uint64_t sum = 0;
  std::string size = {};
};

/// By the piece's row in the index.
using Words = std::map<std::int64_t, PieceWords>;

/// The words that an index has, each where it stands.
Words words_in(const Database& database) {
  Words words;
  database.words().for_each_word({},
                                 [&](std::int64_t row, std::string_view word, std::int64_t place) {
                                   words[row].sum += mark_of_word(word, place);
                                 });
  database.words().for_each_row(
      [&](std::int64_t row, std::string_view size) { words[row].size = size; });
  return words;
}

bool differ(const PieceWords& found, const PieceWords& expected) {
  return found.sum != expected.sum || (!found.size.empty() && found.size != expected.size);
}

}  // namespace

std::vector<PageId> pages_with_other_words(const Database& database) {
  Words found = words_in(database);
  const Database made(std::string(Database::kInMemory), "(in memory)", 0);
  prepare_schema(made);
  std::map<std::int64_t, PageId> pages;  // of the pieces that are looked at
  std::set<PageId> differing;
  const auto compare = [&] {
    Words expected = words_in(made);
    for (const auto& [piece, page] : pages) {
      if (differ(found[piece], expected[piece])) differing.insert(page);
    }
    pages.clear();
    made.words().remove_all();
  };
  MessageTexts texts(database);
  Statement row = database.prepare(
      "SELECT scope, place, page, message, message_begin, length FROM pieces WHERE words >= 0 "
      "AND hashed IS NULL ORDER BY scope, place");
  while (row.step()) {
    const ScopeId scope = row.integer(0);
    const auto text = texts.text(scope, {row.integer(3), static_cast<std::size_t>(row.integer(4)),
                                         static_cast<std::size_t>(row.integer(5))});
    if (!text) continue;
    const std::int64_t piece = word_row(scope, row.integer(1));
    made.words().add(piece, *text);
    pages[piece] = row.integer(2);
    if (pages.size() == kPiecesAtOnce) compare();
  }
  compare();
  Statement hashed =
      database.prepare("SELECT scope, place, page, hashed FROM pieces WHERE hashed IS NOT NULL");
  while (hashed.step()) {
    const std::int64_t piece = word_row(hashed.integer(0), hashed.integer(1));
    if (found[piece].sum != static_cast<std::uint64_t>(hashed.integer(3)))
      differing.insert(hashed.integer(2));
  }
  return {differing.begin(), differing.end()};
}

}  // namespace fovea
