#include "model/operators/amx_product.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>

#include "model/kernels/instructions.h"

#if defined(__x86_64__)
#define FOVEA_AMX 1
#include <immintrin.h>
#endif

namespace fovea {

#ifdef FOVEA_AMX

namespace {

#define FOVEA_FOR_AMX [[gnu::target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512bf16")]]

/// A tile holds 16 rows of 32 bfloat16 or of 16 float32.
constexpr std::int64_t kSide = 16, kStep = 32, kTileValues = kSide * kStep;
/// Rows of W that one task multiplies with all inputs, at most: they stay in a core's second cache.
constexpr std::int64_t kRowsAtOnce = 128;
/// Multiplications that are worth a thread.
constexpr std::int64_t kGrain = 1 << 22;

struct alignas(64) TileShapes {
  std::uint8_t palette, start_row, reserved[14];
  std::uint16_t bytes_of_row[16];
  std::uint8_t rows[16];
};

/// All 8 tiles whole. In memory from the start: compilers take the instruction that loads it for one
/// that reads a single word.
constexpr TileShapes kWhole = {.palette = 1,
                               .start_row = 0,
                               .reserved = {},
                               .bytes_of_row = {64, 64, 64, 64, 64, 64, 64, 64},
                               .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

/// Prepares the calling thread's tiles.
class Tiles {
 public:
  FOVEA_FOR_AMX Tiles() { _tile_loadconfig(&kWhole); }
  FOVEA_FOR_AMX ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
};

/// The inputs as the second operand of tile products: of 16 inputs and 32 values each, the pairs of
/// neighbouring values below each other, [tiles of inputs][steps][16 pairs][16 inputs][2], zeros
/// beyond the last input. The tiles' number is even.
FOVEA_FOR_AMX void pack_inputs(const std::uint16_t* x, std::int64_t inputs, std::int64_t in,
                               std::int64_t tile, std::uint16_t* to) {
  const auto count = std::clamp<std::int64_t>(inputs - tile * kSide, 0, kSide);
  const auto mask = static_cast<__mmask16>((1u << count) - 1);
  const auto* from = reinterpret_cast<const int*>(x + tile * kSide * in);
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i places = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(static_cast<int>(in / 2)));
  for (std::int64_t pair = 0; pair < in / 2; ++pair, to += 2 * kSide) {
    const __m512i words =
        _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), mask, places, from + pair, 4);
    _mm512_storeu_si512(to, words);
  }
}

/// 32 rows of W times 32 inputs. `w`: rows `in` values apart; `x`: two tiles of packed inputs.
/// Writes [2 x 16 rows][2 x 16 inputs] as four tiles [16][16].
FOVEA_FOR_AMX void multiply_block(const std::uint16_t* w, std::int64_t in, const std::uint16_t* x,
                                  float* sums) {
  const auto stride = static_cast<int>(in * 2);
  const std::uint16_t *lower = w + kSide * in, *next = x + kSide * in;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::int64_t k = 0; k < in; k += kStep, x += kTileValues, next += kTileValues) {
    _tile_loadd(4, w + k, stride);
    _tile_loadd(6, x, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, next, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, lower + k, stride);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, 64);
  _tile_stored(1, sums + kSide * kSide, 64);
  _tile_stored(2, sums + 2 * kSide * kSide, 64);
  _tile_stored(3, sums + 3 * kSide * kSide, 64);
}

FOVEA_FOR_AMX inline void store(__m512 values, __mmask16 mask, float* to) {
  _mm512_mask_storeu_ps(to, mask, values);
}

FOVEA_FOR_AMX inline void store(__m512 values, __mmask16 mask, std::uint16_t* to) {
  const __m256bh rounded = _mm512_cvtneps_pbh(values);
  _mm256_mask_storeu_epi16(to, mask, reinterpret_cast<const __m256i&>(rounded));
}

/// A tile [16 rows of W][16 inputs] to y[input][row], of which `rows` and `inputs` exist.
template <typename Result>
FOVEA_FOR_AMX void put(const float* sums, const float* bias, std::int64_t rows, std::int64_t inputs,
                       Result* y, std::int64_t stride) {
  const auto mask = static_cast<__mmask16>((1u << rows) - 1);
  const __m512 start = bias ? _mm512_maskz_loadu_ps(mask, bias) : _mm512_setzero_ps();
  const __m512i places = _mm512_setr_epi32(0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192,
                                           208, 224, 240);
  for (std::int64_t i = 0; i < inputs; ++i) {
    const __m512 column =
        _mm512_mask_i32gather_ps(_mm512_setzero_ps(), 0xFFFF, places, sums + i, 4);
    store(_mm512_add_ps(column, start), mask, y + i * stride);
  }
}

/// Some rows of W, `count` of them and at most kRowsAtOnce, times all inputs.
template <typename Result>
struct RowProduct {
  const std::uint16_t* w;
  std::int64_t in;
  const std::uint16_t* packed;  ///< inputs
  std::int64_t inputs;
  const float* bias;  ///< of these rows, or null
  Result* y;          ///< first input's value for the first of these rows
  std::int64_t stride;

  void run(std::int64_t count) const {
    // Two tiles of rows are multiplied at once: a part of them gets company of zeros.
    thread_local std::vector<std::uint16_t> rest;
    const auto whole = count / (2 * kSide) * 2 * kSide;
    if (whole < count) {
      rest.assign(static_cast<std::size_t>(2 * kSide * in), 0);
      std::copy_n(w + whole * in, (count - whole) * in, rest.data());
    }
    alignas(64) float sums[4 * kSide * kSide];
    for (std::int64_t input = 0; input < inputs; input += 2 * kSide) {
      for (std::int64_t row = 0; row < count; row += 2 * kSide) {
        multiply_block(row < whole ? w + row * in : rest.data(), in, packed + input * in, sums);
        for (int part = 0; part < 4; ++part) {
          const auto r = row + part / 2 * kSide, i = input + part % 2 * kSide;
          if (r >= count || i >= inputs) continue;
          put(sums + part * kSide * kSide, bias ? bias + r : nullptr, std::min(kSide, count - r),
              std::min(kSide, inputs - i), y + i * stride + r, stride);
        }
      }
    }
  }
};

/// Rows of W for a task, so that each thread has one.
std::int64_t rows_of_task(std::int64_t rows) {
  const auto share = (rows + at::get_num_threads() - 1) / at::get_num_threads();
  return std::min(kRowsAtOnce, (share + 2 * kSide - 1) / (2 * kSide) * 2 * kSide);
}

const std::uint16_t* words(const at::Tensor& x) {
  return static_cast<const std::uint16_t*>(x.data_ptr());
}

/// `packed`: inputs. `y`: [inputs, sum of outs].
template <typename Result>
void multiply_packed(std::span<const at::Tensor> parts, const std::uint16_t* packed,
                     std::int64_t inputs, const float* bias, std::int64_t stride, Result* y) {
  for (const at::Tensor& part : parts) {
    const auto rows = part.size(0), in = part.size(1), at_once = rows_of_task(rows);
    const auto tasks = (rows + at_once - 1) / at_once, work = at_once * in * inputs;
    at::parallel_for(0, tasks, std::max<std::int64_t>(1, kGrain / work),
                     [&](std::int64_t begin, std::int64_t end) {
      const Tiles configured;
      for (auto task = begin; task < end; ++task) {
        const auto row = task * at_once;
        RowProduct<Result>{.w = words(part) + row * in,
                           .in = in,
                           .packed = packed,
                           .inputs = inputs,
                           .bias = bias ? bias + row : nullptr,
                           .y = y + row,
                           .stride = stride}
            .run(std::min(at_once, rows - row));
      }
    });
    y += rows;
    if (bias) bias += rows;
  }
}

}  // namespace

bool suits_amx(std::int64_t in) {
  return instructions() >= Instructions::amx && in % kStep == 0;
}

at::Tensor multiply_amx(std::span<const at::Tensor> parts, const at::Tensor& x,
                        const at::Tensor& bias, at::ScalarType wanted) {
  const auto in = parts[0].size(1), inputs = x.numel() / in;
  const auto from = x.contiguous();
  std::int64_t out = 0;
  for (const at::Tensor& part : parts) out += part.size(0);
  auto sizes = x.sizes().vec();
  sizes.back() = out;
  auto y = at::empty(sizes, x.options().dtype(wanted));
  if (!inputs) return y;

  const auto tiles = (inputs + 2 * kSide - 1) / (2 * kSide) * 2;
  const auto packed = at::empty({tiles * kSide * in}, x.options());
  auto* to = static_cast<std::uint16_t*>(packed.data_ptr());
  at::parallel_for(0, tiles, std::max<std::int64_t>(1, kGrain / 64 / (kSide * in)),
                   [&](std::int64_t begin, std::int64_t end) {
    for (auto tile = begin; tile < end; ++tile)
      pack_inputs(words(from), inputs, in, tile, to + tile * kSide * in);
  });

  const auto* start = bias.defined() ? bias.data_ptr<float>() : nullptr;
  wanted == at::kFloat
      ? multiply_packed(parts, to, inputs, start, out, y.data_ptr<float>())
      : multiply_packed(parts, to, inputs, start, out, static_cast<std::uint16_t*>(y.data_ptr()));
  return y;
}

#else

bool suits_amx(std::int64_t) { return false; }
at::Tensor multiply_amx(std::span<const at::Tensor> parts, const at::Tensor& x,
                        const at::Tensor& bias, at::ScalarType wanted) {
  return at::linear(x, at::cat(at::TensorList(parts.data(), parts.size())), bias).to(wanted);
}

#endif

}  // namespace fovea
