#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "memory/piece_index.h"
#include "memory/piece_query.h"
#include "memory/stems.h"

struct fts5_api;

namespace fovea {

/// A piece that has a term.
struct Posting {
  std::uint32_t piece;  ///< of the scope's index
  float times;          ///< how often
};

/// Looks terms up in the index of words. `database` must outlive it.
class PostingReader {
 public:
  explicit PostingReader(const Database& database) : database_(database), stems_(database) {}

  /// The scope's pieces that have the term, in order.
  std::vector<Posting> read(const PieceIndex& scope, const QueryTerm& term) const;

 private:
  std::string expression_of(const PieceIndex& scope, const QueryTerm& term) const;

  const Database& database_;
  Stems stems_;
};

/// Has FTS5 know `hits(table)`: how often the expression's phrases stand in the row. Throws
/// Error(unsupported) when FTS5 takes no functions.
void add_hits_function(fts5_api& api);

}  // namespace fovea
