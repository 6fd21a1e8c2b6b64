#include "model/packed_matrix.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {
namespace {

constexpr std::int64_t kWidth = 16;      ///< of a panel
constexpr std::int64_t kTileRows = 6;    ///< their sums and a panel's row fill 16 registers
constexpr std::int64_t kBlockRows = 48;  ///< rows that stay in a core's cache

struct Operands {
  const float* x;      ///< [rows, in]
  const float* panel;  ///< [in, 16]
  const float* bias;   ///< [16]
  float* y;            ///< [rows, out], at the panel's first column
  std::int64_t in, out, columns;
};

#if defined(__x86_64__)

/// `kRows` rows of x times one panel, all sums in registers.
template <int kRows>
[[gnu::target("avx2,fma")]] inline void multiply_tile(const Operands& o) {
  __m256 low[kRows], high[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    low[r] = _mm256_loadu_ps(o.bias);
    high[r] = _mm256_loadu_ps(o.bias + 8);
  }
  const float *panel = o.panel, *x = o.x;
  for (std::int64_t k = 0; k < o.in; ++k, panel += kWidth, ++x) {
    __m256 a = _mm256_loadu_ps(panel), b = _mm256_loadu_ps(panel + 8);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      __m256 value = _mm256_broadcast_ss(x + r * o.in);
      low[r] = _mm256_fmadd_ps(value, a, low[r]);
      high[r] = _mm256_fmadd_ps(value, b, high[r]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    alignas(32) float row[kWidth];
    _mm256_store_ps(row, low[r]);
    _mm256_store_ps(row + 8, high[r]);
    std::copy_n(row, o.columns, o.y + r * o.out);
  }
}

[[gnu::target("avx2,fma")]] void multiply_rows(Operands o, std::int64_t rows) {
  for (; rows >= kTileRows; rows -= kTileRows) {
    multiply_tile<kTileRows>(o);
    o.x += kTileRows * o.in;
    o.y += kTileRows * o.out;
  }
  switch (rows) {
    case 5: return multiply_tile<5>(o);
    case 4: return multiply_tile<4>(o);
    case 3: return multiply_tile<3>(o);
    case 2: return multiply_tile<2>(o);
    case 1: return multiply_tile<1>(o);
  }
}

bool cpu_is_suited() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         !__builtin_cpu_supports("avx512f");
}

#else

void multiply_rows(const Operands& o, std::int64_t rows) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < o.columns; ++c) {
      float sum = o.bias[c];
      for (std::int64_t k = 0; k < o.in; ++k) sum += o.x[r * o.in + k] * o.panel[k * kWidth + c];
      o.y[r * o.out + c] = sum;
    }
  }
}

bool cpu_is_suited() { return false; }

#endif

}  // namespace

bool PackedMatrix::pays() {
  static const bool pays = cpu_is_suited();
  return pays;
}

PackedMatrix::PackedMatrix(const at::Tensor& weight, const at::Tensor& bias)
    : in_(weight.size(1)),
      out_(weight.size(0)),
      panels_(panels() * in_ * kPanel),
      bias_(panels() * kPanel) {
  auto from = weight.contiguous();
  auto* rows = from.data_ptr<float>();
  at::parallel_for(0, panels(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto o = begin * kPanel; o < std::min(end * kPanel, out_); ++o) {
      auto* to = &panels_[o / kPanel * in_ * kPanel + o % kPanel];
      for (std::int64_t i = 0; i < in_; ++i) to[i * kPanel] = rows[o * in_ + i];
    }
  });
  if (bias.defined()) std::copy_n(bias.contiguous().data_ptr<float>(), out_, bias_.begin());
}

void PackedMatrix::multiply_panel(std::int64_t panel, const float* x, std::int64_t rows,
                                  float* y) const {
  multiply_rows({.x = x,
                 .panel = &panels_[panel * in_ * kPanel],
                 .bias = &bias_[panel * kPanel],
                 .y = y + panel * kPanel,
                 .in = in_,
                 .out = out_,
                 .columns = std::min(kPanel, out_ - panel * kPanel)},
                rows);
}

at::Tensor PackedMatrix::multiply(const at::Tensor& x) const {
  auto rows = x.size(0);
  auto y = at::empty({rows, out_}, x.options());
  auto *from = x.data_ptr<float>(), *to = y.data_ptr<float>();
  auto blocks = (rows + kBlockRows - 1) / kBlockRows;
  // A task is a panel of one block of rows; neighbouring tasks share the block.
  at::parallel_for(0, blocks * panels(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (auto task = begin; task < end; ++task) {
      auto first = task / panels() * kBlockRows;
      multiply_panel(task % panels(), from + first * in_, std::min(kBlockRows, rows - first),
                     to + first * out_);
    }
  });
  return y;
}

at::Tensor multiply_groups(std::span<const PackedMatrix> matrices, const at::Tensor& x,
                           std::span<const std::int64_t> begin) {
  auto in = matrices[0].in(), out = matrices[0].out(), panels = matrices[0].panels();
  auto y = at::empty({x.size(0), out}, x.options());
  auto *from = x.data_ptr<float>(), *to = y.data_ptr<float>();
  auto tasks = static_cast<std::int64_t>(matrices.size()) * panels;
  at::parallel_for(0, tasks, 4, [&](std::int64_t first_task, std::int64_t end) {
    for (auto task = first_task; task < end; ++task) {
      auto group = task / panels, first = begin[group];
      matrices[group].multiply_panel(task % panels, from + first * in, begin[group + 1] - first,
                                     to + first * out);
    }
  });
  return y;
}

}  // namespace fovea
