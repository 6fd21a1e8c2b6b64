#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Products of float32 with int8 weights by integer instructions, AMX's or AVX-512's of bytes. A row
/// of inputs becomes fixed-point numbers of three digits to the base of 256, each a signed byte;
/// whole sums of bytes are exact, in whatever order. An input is rounded to 22 or 23 bits
/// of the largest one of its row, so that the error of all digits is that of a float32 sum.
constexpr int kDigits = 3;

/// Whether instructions() has such products. Without them they are right, but slow.
bool has_digit_products();

/// Inputs as they lie in memory: `in`, and zeros up to a multiple of 64.
constexpr std::int64_t digit_depth(std::int64_t in) { return (in + 63) / 64 * 64; }

/// Rows as digits, cut into tiles of nearly the same height. To be used again, so that its memory is
/// taken once.
struct DigitRows {
  std::int64_t rows = 0, depth = 0;
  std::int64_t height = 0, tiles = 0;
  bool interleaved = false;
  /// [tiles, 3, height, depth], the least digit first; interleaved [tiles, depth / 4, height, 3, 4].
  std::vector<std::int8_t> digits;
  std::vector<std::int32_t> offset;  ///< [rows, 3] 128 times the sum of a row's digits
  std::vector<float> unit;           ///< [rows] what 1 in the least digit stands for
};

/// `x`: [rows, in]. Where a row has a value that is not finite, all its products are NaN.
void split_into_digits(const float* x, std::int64_t rows, std::int64_t in, DigitRows& to);

/// Lays weights [out, in] out in panels of 16 outputs, four inputs of each together: [panels,
/// depth / 4, 16, 4], each value 128 more than it is.
void pack_quads(const std::int8_t* weights, std::int64_t out, std::int64_t in,
                std::uint8_t* panels);

/// Neighbouring panels of 16 outputs.
struct QuadPanels {
  const std::uint8_t* values;  ///< as packed
  const float* scales;         ///< [panels, 16] of the outputs
  const float* bias;           ///< [panels, 16]
  std::int64_t columns;        ///< of all panels that exist
};

/// Which digits of the inputs count, the others as zeros.
enum class Digits {
  all,
  two,       ///< the greatest: in two thirds of the time an input is as good as 15 bits
  greatest,  ///< in a third of the time as good as 7 bits
};

/// y[r, c] = bias[c] + scales[c] * sum over k of weights[c, k] * x[r, k], rows of `y` `stride` apart,
/// on the calling thread.
void multiply_digits(const QuadPanels& panels, const DigitRows& x, Digits digits, float* y,
                     std::int64_t stride);

/// By how much the inputs of a row differ from their greatest digits: the standard deviation.
float rounding_of_greatest(const float* row, std::int64_t in);

}  // namespace fovea
