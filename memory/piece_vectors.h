#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/database.h"
#include "memory/large_block.h"
#include "memory/store.h"

namespace fovea {

/// What a scope's pieces mean: unit vectors of one embedder, 8 bits a value. One item a piece of the
/// scope's index, in its order.
struct PieceVectors {
  std::string embedder;             ///< empty: no piece has a vector
  std::size_t dim = 0;
  LargeList<std::int8_t> values;     ///< [pieces, dim]
  LargeList<float> scales;          ///< [pieces], which multiply the values; 0: it has no vector
  std::size_t missing = 0;          ///< pieces that have words and no vector
  std::int64_t changes = -1;        ///< the scope's count of changes when they were read

  /// Forgets those from `size` on.
  void cut(std::size_t size);
};

/// Reads the vectors that are not known yet of pieces at `places` (in order); damaged ones are left
/// out. `words`: kNoWords where a piece has none.
void refresh(PieceVectors& vectors, const Database& database, ScopeId scope,
             std::span<const std::uint32_t> places, std::span<const std::int32_t> words);

/// Of each piece with a vector its cosine with the question, [pieces]; of others 0. `question`: a
/// unit vector [dim].
LargeList<float> cosines(const PieceVectors& vectors, std::span<const float> question);

/// The row of an embedder, made when it is new.
std::int64_t embedder_id(const Database& database, std::string_view name);
/// Whose vectors the scope's pieces have; empty: they have none.
std::string embedder_of(const Database& database, ScopeId scope);

}  // namespace fovea
