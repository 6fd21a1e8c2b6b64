#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fovea/level.h"

namespace fovea {

/// A page as the encoder sees it: the projector's output, one vector per vision token. Stored with
/// 8 bits per value or, if the checkpoint has learned one, in its own code, which takes far fewer
/// bytes and which only that checkpoint reads.
struct VisionTokens {
  Level level = Level::tiny;
  Layout layout = Layout::cells;     ///< of the page
  Density density = Density::d106;   ///< of layout cells
  std::vector<int> row_lengths;      ///< [rows] cells used on each row; empty: not known
  int count = 0;                     ///< token_count(level)
  int dim = 0;                       ///< width of the decoder
  std::vector<std::int8_t> values;   ///< [count, dim], row-major from the page's top left
  std::vector<float> scales;         ///< [count]; a value is values[i, j] * scales[i]
  std::string fingerprint;           ///< of the checkpoint that made it, 64 hex digits
  std::vector<std::uint8_t> code = {};  ///< instead of `values` and `scales`, which are empty then

  bool operator==(const VisionTokens&) const = default;
};

/// Bytes that the vectors take.
std::size_t byte_count(const VisionTokens& tokens);

/// The .fvt file: magic "FVT2", a JSON header, the vectors; see doc/formats.md. Files of version 1
/// are read as well. Throws Error(io | not_found | corruption) naming file and place.
void write_tokens(const std::string& path, const VisionTokens& tokens);
VisionTokens read_tokens(const std::string& path);

}  // namespace fovea
