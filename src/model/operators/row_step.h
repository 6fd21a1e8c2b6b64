#pragma once

#include <cstdint>
#include <vector>

namespace fovea {

/// What one forward pass adds to the rows: N new tokens, those of a row one after another.
struct RowStep {
  RowStep(std::int64_t prefix, std::vector<std::int64_t> lengths, std::vector<std::int64_t> counts);

  std::int64_t rows() const { return static_cast<std::int64_t>(lengths.size()); }
  std::int64_t tokens() const { return static_cast<std::int64_t>(row.size()); }
  /// Whether nothing stands before the new tokens.
  bool starts() const;
  /// The longest row after the step.
  std::int64_t longest() const;

  std::int64_t prefix;                ///< P, tokens that all rows share
  std::vector<std::int64_t> lengths;  ///< [R] tokens that a row holds before the step
  std::vector<std::int64_t> counts;   ///< [R] new ones
  std::vector<std::int64_t> row;      ///< [N] of each new token
  std::vector<std::int64_t> place;    ///< [N] in its row; it sees the places up to its own
};

}  // namespace fovea
