#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "memory/piece_index.h"
#include "memory/piece_query.h"
#include "memory/word_index.h"

namespace fovea {

/// A piece that has a term.
struct Posting {
  std::uint32_t piece;  ///< of the scope's index
  float times;          ///< how often
};

/// Looks terms up in the index of words. `database` must outlive it.
class PostingReader {
 public:
  explicit PostingReader(const Database& database) : database_(database) {}

  /// The scope's pieces that have the term, in order.
  std::vector<Posting> read(const PieceIndex& scope, const QueryTerm& term) const;

 private:
  std::vector<WordPhrase> phrases_of(const PieceIndex& scope, const QueryTerm& term) const;

  const Database& database_;
};

}  // namespace fovea
