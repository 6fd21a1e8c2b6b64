#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "fovea/level.h"

namespace fovea {

/// The pages of one level.
struct LevelSummary {
  std::size_t pages = 0;
  std::size_t vision_tokens = 0;
  std::optional<double> fidelity;  ///< 1 - edit distance / length, mean over the pages measured
};

/// What a scope holds and what it costs.
struct Stats {
  std::size_t pages = 0;
  std::size_t messages = 0;
  std::size_t text_tokens = 0;  ///< of the pages, as text (estimated)
  std::size_t vision_tokens = 0;
  std::size_t text_bytes = 0;     ///< of the pages' text, kept or not
  std::size_t token_bytes = 0;    ///< of their vision tokens
  std::size_t archive_bytes = 0;  ///< of their exact text, zstd
  std::size_t anchor_bytes = 0;
  std::size_t correction_bytes = 0;
  /// Pages without archive that keep text which their tokens do not give back.
  std::size_t kept_exact = 0;
  std::size_t file_bytes = 0;           ///< of the whole store: file, WAL and vector index
  std::size_t verbatim_characters = 0;  ///< of text that is not on a page yet
  std::size_t verbatim_bytes = 0;
  std::size_t pieces = 0;           ///< of messages whose text is kept: what a search ranks
  std::size_t embedded_pieces = 0;  ///< of these, with a vector
  std::size_t vector_bytes = 0;
  std::string embedder;  ///< that made the vectors; empty: there are none
  std::map<Level, LevelSummary> levels;
};

}  // namespace fovea
