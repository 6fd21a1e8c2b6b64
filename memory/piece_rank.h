#pragma once

#include <span>
#include <vector>

#include "memory/piece_query.h"

namespace fovea {

/// How well a scope's pieces answer a question; one item a piece of its index.
struct PieceScores {
  LargeList<float> score;    ///< 0: not at all
  /// What its own words and its own meaning give; 0: it has none of the question's words and is no
  /// more like it than most.
  LargeList<float> own;
  LargeList<float> cosine;   ///< with the question, 0: not compared; empty without its vector
  std::vector<float> page;   ///< by page of the index: bm25 of its words
  std::vector<std::uint16_t> phrases;  ///< bit i: it has phrase i of the question; empty: there are none
};

/// Of which pieces a score is wanted.
enum class Scored {
  all,
  /// Those of pages with a piece that has anything of its own, and those on no page; others may get 0.
  of_pages_found,
};

/// Scores the pieces of scopes for a question. Words are weighed by how many pieces, stretches and
/// sessions of these scopes have them, whatever else the store holds. A piece counts with the
/// stretch and the session that it stands in and with its neighbours; more if it is by the speaker
/// or of the day that the question names, if a person said it to an assistant, and if it begins a
/// message. With `meaning`, the question's unit vector, how far a piece is more like it than the mean
/// counts as much as its words, each as a share of the best. See doc/search.md for where the constants
/// come from. `spare`: earlier results, whose memory is taken.
std::vector<PieceScores> score_pieces(const Database& database,
                                      const std::vector<const PieceIndex*>& scopes,
                                      const PieceQuery& query, std::span<const float> meaning,
                                      Scored scored, std::vector<PieceScores> spare);

}  // namespace fovea
