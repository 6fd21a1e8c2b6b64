#include "model/kernels/int8_panels.h"

#include "model/kernels/tile_product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/int8_panels.cpp"
#include <hwy/foreach_target.h>

#include "model/kernels/panels-inl.h"

// Beside oneDNN's float32 product with prepacked weights, which take four times the memory: 1.9 to
// 3.5 times as fast with AVX-512, 1.5 to 3.9 with AVX2 (Xeon with AMX, bench/kernels).

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace {

/// The sums of all inputs, [kInputs][16].
template <int kInputs>
HWY_INLINE void sum_up(const std::int8_t* values, std::int64_t in, const float* x, float* sums) {
  // The sums of one or two inputs would wait for each other.
  constexpr int kChains = kInputs > 2 ? 1 : kPanelVectors * kInputs >= 4 ? 2 : 4;
  PanelVector all[kInputs][kChains][kPanelVectors];
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) {
#pragma GCC unroll 16
      for (int v = 0; v < kPanelVectors; ++v) all[i][c][v] = hn::Zero(PanelLanes());
    }
  }
  const auto step = [&](std::int64_t k, int chain) HWY_ATTR {
#pragma GCC unroll 16
    for (int v = 0; v < kPanelVectors; ++v) {
      const auto weights = load_int8(values + k * kPanelWidth + v * kPanelLanes);
#pragma GCC unroll 8
      for (int i = 0; i < kInputs; ++i)
        all[i][chain][v] =
            hn::MulAdd(hn::Set(PanelLanes(), x[i * in + k]), weights, all[i][chain][v]);
    }
  };
  std::int64_t k = 0;
  for (; k + kChains <= in; k += kChains) {
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) step(k + c, c);
  }
  for (; k < in; ++k) step(k, 0);
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
#pragma GCC unroll 16
    for (int v = 0; v < kPanelVectors; ++v) {
      auto sum = all[i][0][v];
#pragma GCC unroll 4
      for (int c = 1; c < kChains; ++c) sum = hn::Add(sum, all[i][c][v]);
      hn::StoreU(sum, PanelLanes(), sums + i * kPanelWidth + v * kPanelLanes);
    }
  }
}

template <int kInputs>
void multiply(const Int8Panel& panel, std::int64_t in, const float* x, float* y,
              std::int64_t stride) {
  float sums[kInputs * kPanelWidth];
  sum_up<kInputs>(panel.values, in, x, sums);
  for (int i = 0; i < kInputs; ++i) {
    for (std::int64_t c = 0; c < panel.columns; ++c)
      y[i * stride + c] = panel.bias[c] + panel.scales[c] * sums[i * kPanelWidth + c];
  }
}

}  // namespace

void multiply_panel(const Int8Panel& panel, std::int64_t in, const float* x, std::int64_t inputs,
                    float* y, std::int64_t stride) {
  switch (inputs) {
    case 6: return multiply<6>(panel, in, x, y, stride);
    case 5: return multiply<5>(panel, in, x, y, stride);
    case 4: return multiply<4>(panel, in, x, y, stride);
    case 3: return multiply<3>(panel, in, x, y, stride);
    case 2: return multiply<2>(panel, in, x, y, stride);
    default: return multiply<1>(panel, in, x, y, stride);
  }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace fovea {

HWY_EXPORT(multiply_panel);

void multiply_int8_panel(const Int8Panel& panel, std::int64_t in, const float* x,
                         std::int64_t inputs, float* y, std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(multiply_panel)(panel, in, x, inputs, y, stride);
}

}  // namespace fovea

#endif
