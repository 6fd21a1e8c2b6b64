#include "memory/piece_postings.h"

#include <algorithm>

#include "memory/hashed_words.h"

namespace fovea {
namespace {

/// The first piece that is not before `place`, looked for from `i` on.
std::size_t piece_at(const PieceIndex& scope, std::size_t i, std::uint32_t place) {
  if (scope.no_place_missing) return place - scope.place.front();
  const auto begin = scope.place.begin() + static_cast<std::ptrdiff_t>(std::min(i, scope.size()));
  return static_cast<std::size_t>(std::lower_bound(begin, scope.place.end(), place) - scope.place.begin());
}

}  // namespace

/// What finds the term in the scope: its words, the stems of words that begin so, and the hashes of
/// words whose text is not kept.
std::vector<WordPhrase> PostingReader::phrases_of(const PieceIndex& scope,
                                                  const QueryTerm& term) const {
  std::vector<WordPhrase> phrases = {{term.terms, term.is_prefix}};
  const Stems& stems = database_.words().stems();
  if (term.is_prefix) {
    if (term.word.empty()) return phrases;
    for (const std::string& stem : stems.of_beginning(term.word)) phrases.push_back({stem});
  } else if (scope.has_hashed) {
    const HashedWords hashed(database_, scope.scope);
    phrases.push_back({hashed.phrase(stems.of_terms(term.terms))});
  }
  return phrases;
}

std::vector<Posting> PostingReader::read(const PieceIndex& scope, const QueryTerm& term) const {
  std::vector<Posting> found;
  if (scope.size() == 0) return found;
  std::size_t next = 0;  // pieces before it were found already
  const auto take = [&](std::int64_t row, std::int64_t times) {
    const auto place = static_cast<std::uint32_t>(row - word_row(scope.scope, 0));
    const std::size_t i = piece_at(scope, next, place);
    if (i == scope.size()) return false;
    if (i < next || (!scope.no_place_missing && scope.place[i] != place)) return true;
    found.push_back({static_cast<std::uint32_t>(i), static_cast<float>(times)});
    next = i + 1;
    return true;
  };
  database_.words().find(phrases_of(scope, term), word_row(scope.scope, scope.place.front()),
                         word_row(scope.scope, scope.place.back()), take);
  return found;
}

}  // namespace fovea
