#include "memory/piece_postings.h"

#include <sqlite3.h>

#include <algorithm>

#include "fovea/error.h"
#include "memory/hashed_words.h"

namespace fovea {
namespace {

void hits(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int,
          sqlite3_value**) {
  int count = 0;
  for (int phrase = 0; phrase < api->xPhraseCount(context); ++phrase) {
    Fts5PhraseIter at;
    int column = 0, offset = 0;
    if (const int code = api->xPhraseFirst(context, phrase, &at, &column, &offset); code != SQLITE_OK)
      return sqlite3_result_error_code(result, code);
    for (; column >= 0; api->xPhraseNext(context, &at, &column, &offset)) ++count;
  }
  sqlite3_result_int(result, count);
}

/// The first piece that is not before `place`, looked for from `i` on.
std::size_t piece_at(const PieceIndex& scope, std::size_t i, std::uint32_t place) {
  if (scope.no_place_missing) return place - scope.place.front();
  const auto begin = scope.place.begin() + static_cast<std::ptrdiff_t>(std::min(i, scope.size()));
  return static_cast<std::size_t>(std::lower_bound(begin, scope.place.end(), place) - scope.place.begin());
}

/// `row`: of pieces behind those found so far; others were found already.
void read_rows(const PieceIndex& scope, const std::string& expression, Statement& row,
               std::vector<Posting>& found) {
  row.bind(expression, word_row(scope.scope, scope.place.front()),
           word_row(scope.scope, scope.place.back()));
  std::size_t next = found.empty() ? 0 : found.back().piece + 1;
  while (row.step()) {
    const auto place = static_cast<std::uint32_t>(row.integer(0) - word_row(scope.scope, 0));
    const std::size_t i = piece_at(scope, next, place);
    if (i == scope.size()) break;
    if (i < next || (!scope.no_place_missing && scope.place[i] != place)) continue;
    found.push_back({static_cast<std::uint32_t>(i), static_cast<float>(row.integer(1))});
    next = i + 1;
  }
}

}  // namespace

/// What finds the term in the scope: its words, the stems of words that begin so, and the hashes of
/// words whose text is not kept.
std::string PostingReader::expression_of(const PieceIndex& scope, const QueryTerm& term) const {
  std::string expression = term.match;
  if (term.is_prefix) {
    if (term.word.empty()) return expression;
    for (const std::string& stem : stems_.of_beginning(term.word)) expression += " OR \"" + stem + '"';
  } else if (scope.has_hashed) {
    expression += " OR \"" + HashedWords(database_, scope.scope).phrase(stems_.of_terms(term.terms)) + '"';
  }
  return expression;
}

std::vector<Posting> PostingReader::read(const PieceIndex& scope, const QueryTerm& term) const {
  std::vector<Posting> found;
  if (scope.size() == 0) return found;
  const std::string expression = expression_of(scope, term);
  for (const char* table : {"piece_words", "waiting_words"}) {
    Statement row = database_.prepare("SELECT rowid, hits(" + std::string(table) + ") FROM " +
                                      table + " WHERE " + table +
                                      " MATCH ? AND rowid BETWEEN ? AND ?");
    read_rows(scope, expression, row, found);
  }
  return found;
}

void add_hits_function(fts5_api& api) {
  if (api.xCreateFunction(&api, "hits", nullptr, hits, nullptr) != SQLITE_OK)
    throw Error(ErrorCode::unsupported,
                "this SQLite's full-text search accepts no functions from outside");
}

}  // namespace fovea
