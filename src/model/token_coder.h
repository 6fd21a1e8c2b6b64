#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// An entropy coder (rANS) for rows of small whole numbers, with a table of frequencies for each
/// column. Works on integers alone, so bytes and values are the same on every machine. Const and
/// thread-safe after construction.
class TokenCoder {
 public:
  /// Frequencies of a column sum up to this.
  static constexpr std::uint32_t kTotal = 1 << 14;

  /// `frequencies`: [columns, 2 * range + 2], of the values -range .. range, then of all others
  /// together; each at least 1. Throws Error(corruption) naming the column that is otherwise.
  TokenCoder(std::span<const std::int32_t> frequencies, int columns, int range);

  /// With all numbers of a column about as frequent as each other.
  static TokenCoder even(int columns, int range);

  int columns() const { return columns_; }
  /// `values`: [rows, columns].
  std::vector<std::uint8_t> pack(std::span<const std::int8_t> values) const;
  /// Returns [rows, columns]. Throws Error(corruption) for bytes that `pack` cannot have made of so
  /// many rows; of most damage, not of all: bytes carry no checksum here.
  std::vector<std::int8_t> unpack(std::span<const std::uint8_t> bytes, std::size_t rows) const;

 private:
  struct Interval {
    std::uint32_t begin;
    std::uint32_t size;
  };
  Interval interval_of(std::size_t column, std::size_t symbol) const;

  int columns_;
  int range_;
  std::size_t symbols_;              ///< 2 * range + 2, the last one: another value
  std::vector<std::uint16_t> ends_;  ///< [columns, symbols] sums of the frequencies up to each
};

}  // namespace fovea
