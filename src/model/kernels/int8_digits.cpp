#include "model/kernels/int8_digits.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "model/kernels/instructions.h"
#include "model/kernels/tile_product.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Beside oneDNN's float32 product with prepacked weights, which take four times the memory: with all
// digits 2.0 to 3.8 times as fast with 1 to 6 rows, 1.0 to 1.5 with 14 to 300, with two 2.3 to 3.9 and
// 1.1 to 1.9 (Xeon with AVX-512 and no AMX, bench/kernels). AMX's are 1.0 to 2.6 times as fast as
// AVX-512's here.

namespace fovea {
namespace {

constexpr std::int64_t kTileRows = 16, kTileDepth = 64;  // of AMX
constexpr std::int64_t kRegisterRows = 8;                // whose sums stay in AVX-512's registers
constexpr int kZero = 128;                               // what stands for a weight of 0

/// A row's largest value has 23 bits where three digits reach as far, up to 8,355,711 of 2^23.
constexpr float kTwentyThreeBits = 0.996f;

/// Below this a row counts as zeros: its unit would be no normal number.
constexpr float kLeast = 1e-30f;

/// The least digit that counts.
int first_of(Digits digits) { return static_cast<int>(digits); }

/// What 1 in the digit stands for.
float unit_of_digit(float unit, int digit) {
  constexpr float kValues[kDigits] = {1, 256, 65536};
  return unit * kValues[digit];
}

/// Panel `index` of several.
QuadPanels panel_of(const QuadPanels& panels, std::int64_t index, std::int64_t depth) {
  const auto first = index * kPanelWidth;
  return {panels.values + first * depth, panels.scales + first, panels.bias + first,
          std::min(kPanelWidth, panels.columns - first)};
}

std::int64_t count_of(const QuadPanels& panels) {
  return (panels.columns + kPanelWidth - 1) / kPanelWidth;
}

/// Where a row's digit of input k lies.
std::int64_t place_of(const DigitRows& x, std::int64_t row, int digit, std::int64_t k) {
  const auto tile = row / x.height, in_tile = row % x.height;
  if (x.interleaved)
    return (((tile * (x.depth / 4) + k / 4) * x.height + in_tile) * kDigits + digit) * 4 + k % 4;
  return ((tile * kDigits + digit) * x.height + in_tile) * x.depth + k;
}

const std::int8_t* tile_of(const DigitRows& x, std::int64_t tile) {
  return x.digits.data() + tile * kDigits * x.height * x.depth;
}

/// Without such instructions.
void multiply_plainly(const QuadPanels& panels, const DigitRows& x, Digits digits, float* y,
                      std::int64_t stride) {
  const int first = first_of(digits);
  for (std::int64_t p = 0; p < count_of(panels); ++p) {
    const QuadPanels panel = panel_of(panels, p, x.depth);
    for (std::int64_t row = 0; row < x.rows; ++row) {
      std::int32_t sums[kDigits][kPanelWidth] = {};
      for (int digit = first; digit < kDigits; ++digit) {
        for (std::int64_t k = 0; k < x.depth; ++k) {
          const int value = x.digits[place_of(x, row, digit, k)];
          for (std::int64_t c = 0; c < kPanelWidth; ++c)
            sums[digit][c] += value * panel.values[(k / 4 * kPanelWidth + c) * 4 + k % 4];
        }
      }
      float* to = y + row * stride + p * kPanelWidth;
      for (std::int64_t c = 0; c < std::min(kPanelWidth, panel.columns); ++c) {
        float sum = 0;
        for (int digit = kDigits - 1; digit >= first; --digit)
          sum = sum * 256 + static_cast<float>(sums[digit][c] - x.offset[row * kDigits + digit]);
        to[c] = panel.bias[c] + sum * unit_of_digit(x.unit[row], first) * panel.scales[c];
      }
    }
  }
}

/// A row's unit, from the largest of the absolute values' bits: a power of two, so that whole numbers
/// stay whole.
float unit_of(std::uint32_t largest_bits) {
  float largest = 0;
  std::memcpy(&largest, &largest_bits, sizeof(largest));
  if (!std::isfinite(largest)) return std::numeric_limits<float>::quiet_NaN();
  if (largest < kLeast) return 0;
  int exponent = 0;
  const int bits = std::frexp(largest, &exponent) < kTwentyThreeBits ? 23 : 22;
  return std::ldexp(1.0f, exponent - bits);
}

/// How many units one is; 0 for a row of zeros and for one that is NaN anyway.
float units_in_one(float unit) { return unit > 0 ? 1 / unit : 0; }

/// Of a row's absolute values, which have the order of their bits.
std::uint32_t largest_bits(const float* x, std::int64_t in) {
  std::uint32_t largest = 0;
  for (std::int64_t k = 0; k < in; ++k) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, x + k, sizeof(bits));
    largest = std::max(largest, bits & 0x7fffffffU);
  }
  return largest;
}

void split_plainly(const float* x, std::int64_t in, std::int64_t row, DigitRows& to) {
  to.unit[row] = unit_of(largest_bits(x, in));
  const float scale = units_in_one(to.unit[row]);
  for (std::int64_t k = 0; k < in; ++k) {
    std::int32_t left = scale > 0 ? static_cast<std::int32_t>(std::lrint(x[k] * scale)) : 0;
    for (int digit = 0; digit < kDigits; ++digit) {
      const auto low = static_cast<std::int8_t>(left);
      to.digits[place_of(to, row, digit, k)] = low;
      to.offset[row * kDigits + digit] += kZero * low;
      left = (left - low) / 256;
    }
  }
}

#if defined(__x86_64__)

#define FOVEA_BYTES __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define FOVEA_TILES __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,amx-tile,amx-int8")))

bool has_bytes() {
  return instructions() >= Instructions::bf16 && __builtin_cpu_supports("avx512vnni");
}

bool has_tiles() {
  return instructions() >= Instructions::amx && __builtin_cpu_supports("amx-int8");
}

__mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xffff
                                            : (1U << std::max<std::int64_t>(count, 0)) - 1);
}

/// Four times four digits, `step` apart.
FOVEA_BYTES void put(__m128i digits, std::int8_t* to, std::int64_t step) {
  alignas(16) std::int32_t fours[4];
  _mm_store_si128(reinterpret_cast<__m128i*>(fours), digits);
  for (const std::int32_t four : fours) {
    std::memcpy(to, &four, sizeof(four));
    to += step;
  }
}

FOVEA_BYTES void split_by_vectors(const float* x, std::int64_t in, std::int64_t row,
                                  DigitRows& to) {
  const __m512i half = _mm512_set1_epi32(128);
  to.unit[row] = unit_of(largest_bits(x, in));
  const float scale = units_in_one(to.unit[row]);
  const __m512 scales = _mm512_set1_ps(scale);
  const std::int64_t step = to.interleaved ? to.height * kDigits * 4 : 4;
  __m512i sums[kDigits] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
  for (std::int64_t k = 0; k < in; k += 16) {
    // A row of zeros may have inputs that are not finite: those are not looked at.
    const __mmask16 lanes = scale > 0 ? first_lanes(in - k) : 0;
    __m512i left = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x + k), scales));
    for (int digit = 0; digit < kDigits; ++digit) {
      const __m512i next = _mm512_srai_epi32(_mm512_add_epi32(left, half), 8);
      sums[digit] =
          _mm512_add_epi32(sums[digit], _mm512_sub_epi32(left, _mm512_slli_epi32(next, 8)));
      put(_mm512_cvtepi32_epi8(left), &to.digits[place_of(to, row, digit, k)], step);
      left = next;
    }
  }
  for (int digit = 0; digit < kDigits; ++digit)
    to.offset[row * kDigits + digit] = kZero * _mm512_reduce_add_epi32(sums[digit]);
}

/// The products of one row with a panel, from the sums of its digits from `kFirst` on. `offset` and
/// `unit`: the row's.
template <int kFirst>
FOVEA_BYTES void finish_row(const __m512i* sums, const std::int32_t* offset, float unit,
                            const QuadPanels& panel, __mmask16 columns, float* y) {
  __m512 sum = _mm512_setzero_ps();
#pragma GCC unroll 3
  for (int digit = kDigits - 1; digit >= kFirst; --digit) {
    const __m512i whole = _mm512_sub_epi32(sums[digit], _mm512_set1_epi32(offset[digit]));
    sum = _mm512_fmadd_ps(sum, _mm512_set1_ps(256), _mm512_cvtepi32_ps(whole));
  }
  const __m512 scale =
      _mm512_mul_ps(_mm512_loadu_ps(panel.scales), _mm512_set1_ps(unit_of_digit(unit, kFirst)));
  _mm512_mask_storeu_ps(y, columns, _mm512_fmadd_ps(sum, scale, _mm512_loadu_ps(panel.bias)));
}

/// A tile of `kRows` rows with a panel, from `row` on; of the digits those from `kFirst` on.
template <int kRows, int kFirst>
FOVEA_BYTES void multiply_tile(const QuadPanels& panel, const DigitRows& x, std::int64_t row,
                               float* y, std::int64_t stride) {
  __m512i sums[kRows][kDigits];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 3
    for (int digit = kFirst; digit < kDigits; ++digit) sums[r][digit] = _mm512_setzero_si512();
  }
  const std::int8_t* from = tile_of(x, row / kRows);
  const std::uint8_t* weights = panel.values;
  for (std::int64_t k = 0; k < x.depth; k += 4) {
    const __m512i of_outputs = _mm512_loadu_si512(weights);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 3
      for (int digit = kFirst; digit < kDigits; ++digit) {
        std::int32_t four = 0;
        std::memcpy(&four, from + (r * kDigits + digit) * 4, sizeof(four));
        sums[r][digit] = _mm512_dpbusd_epi32(sums[r][digit], of_outputs, _mm512_set1_epi32(four));
      }
    }
    weights += 4 * kPanelWidth;
    from += kRows * kDigits * 4;
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    if (row + r < x.rows)
      finish_row<kFirst>(sums[r], &x.offset[(row + r) * kDigits], x.unit[row + r], panel,
                         first_lanes(panel.columns), y + (row + r) * stride);
  }
}

using MultiplyTile = void (*)(const QuadPanels&, const DigitRows&, std::int64_t, float*,
                              std::int64_t);

template <int kFirst>
constexpr MultiplyTile kMultiplyTile[kRegisterRows] = {
    multiply_tile<1, kFirst>, multiply_tile<2, kFirst>, multiply_tile<3, kFirst>,
    multiply_tile<4, kFirst>, multiply_tile<5, kFirst>, multiply_tile<6, kFirst>,
    multiply_tile<7, kFirst>, multiply_tile<8, kFirst>};

/// AVX-512's products of bytes.
void multiply_bytes(const QuadPanels& panels, const DigitRows& x, Digits digits, float* y,
                    std::int64_t stride) {
  constexpr const MultiplyTile* kFrom[kDigits] = {kMultiplyTile<0>, kMultiplyTile<1>,
                                                  kMultiplyTile<2>};
  const MultiplyTile multiply = kFrom[first_of(digits)][x.height - 1];
  for (std::int64_t p = 0; p < count_of(panels); ++p) {
    const QuadPanels panel = panel_of(panels, p, x.depth);
    for (std::int64_t tile = 0; tile < x.tiles; ++tile)
      multiply(panel, x, tile * x.height, y + p * kPanelWidth, stride);
  }
}

/// What LDTILECFG reads.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

/// AMX's: tiles of up to 16 rows, 64 inputs of each, times 16 outputs.
template <int kFirst>
FOVEA_TILES void multiply_tiles_of_bytes(const QuadPanels& panels, const DigitRows& x, float* y,
                                         std::int64_t stride) {
  // Tiles 0 to 2 hold the sums of a digit each, 3 to 5 the digits, 6 the weights.
  TileConfig config;
  for (int tile = 0; tile < 7; ++tile) {
    config.row_bytes[tile] = kTileDepth;
    config.rows[tile] = static_cast<std::uint8_t>(tile < 6 ? x.height : kTileRows);
  }
  _tile_loadconfig(&config);
  alignas(64) std::int32_t sums[kDigits][kTileRows][kPanelWidth];
  const std::int64_t plane = x.height * x.depth;
  for (std::int64_t p = 0; p < count_of(panels); ++p) {
    const QuadPanels panel = panel_of(panels, p, x.depth);
    for (std::int64_t tile = 0; tile < x.tiles; ++tile) {
      const std::int8_t* const from = tile_of(x, tile);
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      for (std::int64_t k = 0; k < x.depth; k += kTileDepth) {
        _tile_loadd(6, panel.values + k * kPanelWidth, 4 * kPanelWidth);
        if constexpr (kFirst == 0) {
          _tile_loadd(3, from + k, x.depth);
          _tile_dpbsud(0, 3, 6);
        }
        if constexpr (kFirst <= 1) {
          _tile_loadd(4, from + plane + k, x.depth);
          _tile_dpbsud(1, 4, 6);
        }
        _tile_loadd(5, from + 2 * plane + k, x.depth);
        _tile_dpbsud(2, 5, 6);
      }
      _tile_stored(0, sums[0], sizeof(sums[0][0]));
      _tile_stored(1, sums[1], sizeof(sums[1][0]));
      _tile_stored(2, sums[2], sizeof(sums[2][0]));
      const std::int64_t first = tile * x.height, end = std::min(first + x.height, x.rows);
      for (std::int64_t row = first; row < end; ++row) {
        const __m512i of_row[] = {_mm512_load_si512(sums[0][row - first]),
                                  _mm512_load_si512(sums[1][row - first]),
                                  _mm512_load_si512(sums[2][row - first])};
        finish_row<kFirst>(of_row, &x.offset[row * kDigits], x.unit[row], panel,
                           first_lanes(panel.columns), y + row * stride + p * kPanelWidth);
      }
    }
  }
  _tile_release();
}

#else

bool has_bytes() { return false; }
bool has_tiles() { return false; }

#endif

}  // namespace

bool has_digit_products() { return has_bytes(); }

void split_into_digits(const float* x, std::int64_t rows, std::int64_t in, DigitRows& to) {
  to.rows = rows;
  to.depth = digit_depth(in);
  to.interleaved = has_bytes() && !has_tiles();
  const auto most = to.interleaved ? kRegisterRows : kTileRows;
  to.tiles = (rows + most - 1) / most;
  to.height = to.tiles ? (rows + to.tiles - 1) / to.tiles : 0;
  to.digits.assign(static_cast<std::size_t>(kDigits * to.tiles * to.height * to.depth), 0);
  to.offset.assign(static_cast<std::size_t>(rows * kDigits), 0);
  to.unit.resize(static_cast<std::size_t>(rows));
  for (std::int64_t row = 0; row < rows; ++row) {
#if defined(__x86_64__)
    if (has_bytes()) {
      split_by_vectors(x + row * in, in, row, to);
      continue;
    }
#endif
    split_plainly(x + row * in, in, row, to);
  }
}

void pack_quads(const std::int8_t* weights, std::int64_t out, std::int64_t in,
                std::uint8_t* panels) {
  const std::int64_t depth = digit_depth(in);
  std::fill_n(panels, (out + kPanelWidth - 1) / kPanelWidth * kPanelWidth * depth, kZero);
  for (std::int64_t o = 0; o < out; ++o) {
    std::uint8_t* to = panels + o / kPanelWidth * kPanelWidth * depth + o % kPanelWidth * 4;
    for (std::int64_t k = 0; k < in; ++k)
      to[k / 4 * kPanelWidth * 4 + k % 4] = static_cast<std::uint8_t>(weights[o * in + k] + kZero);
  }
}

void multiply_digits(const QuadPanels& panels, const DigitRows& x, Digits digits, float* y,
                     std::int64_t stride) {
  if (!x.rows) return;
#if defined(__x86_64__)
  if (x.interleaved) return multiply_bytes(panels, x, digits, y, stride);
  if (has_tiles()) {
    constexpr decltype(&multiply_tiles_of_bytes<0>) kFrom[kDigits] = {
        multiply_tiles_of_bytes<0>, multiply_tiles_of_bytes<1>, multiply_tiles_of_bytes<2>};
    return kFrom[first_of(digits)](panels, x, y, stride);
  }
#endif
  multiply_plainly(panels, x, digits, y, stride);
}

float rounding_of_greatest(const float* row, std::int64_t in) {
  const float unit = unit_of_digit(unit_of(largest_bits(row, in)), kDigits - 1);
  return unit / std::sqrt(12.0f);  // of what is evenly spread
}

}  // namespace fovea
