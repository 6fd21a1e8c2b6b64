#include "model/kernels/bf16_rows.h"

#include <cstring>
#include <vector>

#include <hwy/cache_control.h>

#include "model/kernels/bf16.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/bf16_rows.cpp"
#include <hwy/foreach_target.h>

#include "model/kernels/vectors-inl.h"

// Beside oneDNN's float32 product with prepacked weights: 1.5 to 2 times as fast with AVX-512, 1.6
// to 3.8 with AVX2; beside its bfloat16 with AMX 1.1 to 1.4 for one input, 0.7 for four (Xeon with
// AMX, bench/kernels). It alone reads weights where a file is mapped.

#ifndef FOVEA_BF16_ROWS_ONCE
#define FOVEA_BF16_ROWS_ONCE
namespace fovea {

/// Of all inputs with rows.
struct RowsProduct {
  Bf16Rows rows;
  std::int64_t out, in;
  const float* x;
  std::int64_t inputs;
  const float* bias;
  float* y;
  std::int64_t stride;
};

}  // namespace fovea
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace {

/// So far before its use a row's memory is asked for: processors' own guesses end at every page.
constexpr std::int64_t kAhead = 2048;  // values
constexpr std::int64_t kStep = 2 * kLanes;

/// Inputs as the products want them: of each 2 * kLanes values the even ones first, then the odd
/// ones, which lie in the lower and upper halves of a row's 32-bit words.
const float* split_inputs(const float* x, std::int64_t inputs, std::int64_t in) {
  thread_local std::vector<float> split;
  split.resize(static_cast<std::size_t>(inputs * in));
  for (std::int64_t i = 0; i < inputs; ++i) {
    const float* from = x + i * in;
    float* to = split.data() + i * in;
    std::int64_t k = 0;
    for (; k + kStep <= in; k += kStep) {
      for (std::int64_t j = 0; j < kLanes; ++j) {
        to[k + j] = from[k + 2 * j];
        to[k + kLanes + j] = from[k + 2 * j + 1];
      }
    }
    for (; k < in; ++k) to[k] = from[k];
  }
  return split.data();
}

/// Pairs of neighbouring values, which need not be aligned as words are.
HWY_INLINE hn::Vec<hn::RebindToUnsigned<Floats>> load_pairs(const std::uint16_t* from) {
  const hn::RebindToUnsigned<Floats> words;
#if HWY_TARGET == HWY_SCALAR
  std::uint32_t pair;
  std::memcpy(&pair, from, sizeof pair);
  return hn::Set(words, pair);
#else
  return hn::BitCast(words, hn::LoadU(hn::Repartition<std::uint16_t, Floats>(), from));
#endif
}

/// The sums of one row with all inputs. Two chains of sums keep a lone input's from waiting.
template <int kInputs>
HWY_INLINE void multiply_row(const std::uint16_t* row, const float* split, std::int64_t in,
                             float* sums) {
  constexpr int kChains = kInputs <= 2 ? 2 : 1;
  const Floats d;
  const hn::RebindToUnsigned<Floats> words;
  const auto upper = hn::Set(words, 0xFFFF0000u);
  FloatVector even[kInputs][kChains], odd[kInputs][kChains];
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
#pragma GCC unroll 2
    for (int c = 0; c < kChains; ++c) even[i][c] = odd[i][c] = hn::Zero(d);
  }
  std::int64_t k = 0;
  for (; k + kChains * kStep <= in; k += kChains * kStep) {
#pragma GCC unroll 2
    for (int c = 0; c < kChains; ++c) {
      const auto at = k + c * kStep;
      hwy::Prefetch(row + at + kAhead);
      const auto pairs = load_pairs(row + at);
      const auto low = hn::BitCast(d, hn::ShiftLeft<16>(pairs));
      const auto high = hn::BitCast(d, hn::And(pairs, upper));
#pragma GCC unroll 8
      for (int i = 0; i < kInputs; ++i) {
        even[i][c] = hn::MulAdd(low, load(split + i * in + at), even[i][c]);
        odd[i][c] = hn::MulAdd(high, load(split + i * in + at + kLanes), odd[i][c]);
      }
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
    auto sum = hn::Add(even[i][0], odd[i][0]);
    if constexpr (kChains == 2) sum = hn::Add(sum, hn::Add(even[i][1], odd[i][1]));
    sums[i] = sum_of(sum);
  }
  // What is left of whole steps is in the order of the split inputs, the rest as it was.
  for (; k + kStep <= in; k += kStep) {
    for (std::int64_t j = 0; j < kLanes; ++j) {
      const float low = to_float(row[k + 2 * j]), high = to_float(row[k + 2 * j + 1]);
      for (int i = 0; i < kInputs; ++i)
        sums[i] += low * split[i * in + k + j] + high * split[i * in + k + kLanes + j];
    }
  }
  for (; k < in; ++k) {
    for (int i = 0; i < kInputs; ++i) sums[i] += to_float(row[k]) * split[i * in + k];
  }
}

template <int kInputs>
void multiply_rows(const RowsProduct& p) {
  const float* split = split_inputs(p.x, p.inputs, p.in);
  for (std::int64_t o = 0; o < p.out; ++o) {
    float sums[kInputs];
    multiply_row<kInputs>(p.rows[o], split, p.in, sums);
    for (int i = 0; i < kInputs; ++i) p.y[i * p.stride + o] = p.bias[o] + sums[i];
  }
}

}  // namespace

void multiply_few(const RowsProduct& product) {
  switch (product.inputs) {
    case 6: return multiply_rows<6>(product);
    case 5: return multiply_rows<5>(product);
    case 4: return multiply_rows<4>(product);
    case 3: return multiply_rows<3>(product);
    case 2: return multiply_rows<2>(product);
    default: return multiply_rows<1>(product);
  }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace fovea {

HWY_EXPORT(multiply_few);

void multiply_bf16_rows(Bf16Rows rows, std::int64_t out, std::int64_t in, const float* x,
                        std::int64_t inputs, const float* bias, float* y, std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(multiply_few)({rows, out, in, x, inputs, bias, y, stride});
}

}  // namespace fovea

#endif
