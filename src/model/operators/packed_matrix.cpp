#include "model/operators/packed_matrix.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include "model/kernels/bf16.h"
#include "model/kernels/bf16_rows.h"
#include "model/kernels/int8_digits.h"
#include "model/kernels/int8_panels.h"
#include "model/operators/batched_product.h"

namespace fovea {
namespace {

/// Rows and inputs of x that are packed at once: they stay in a core's second cache, and a panel's
/// share of the inputs in its first.
constexpr std::int64_t kBlockRows = 144;
constexpr std::int64_t kDepth = 384;

/// Values of bfloat16 rows that are float32 at once: they stay in a core's second cache.
constexpr std::int64_t kExpandedAtOnce = 1 << 17;

/// Multiplications that are worth a thread.
constexpr std::int64_t kProductsAThread = 1 << 18;

/// A thread's own, kept from product to product.
float* scratch(std::size_t place, std::int64_t size) {
  thread_local std::vector<float> buffers[2];
  auto& buffer = buffers[place];
  if (buffer.size() < static_cast<std::size_t>(size)) buffer.resize(size);
  return buffer.data();
}

/// `rows`: [out, in]. Writes [panels, in, 16].
void pack(const std::int8_t* rows, std::int64_t out, std::int64_t in, std::int8_t* panels) {
  at::parallel_for(0, (out + kPanelWidth - 1) / kPanelWidth, 1,
                   [&](std::int64_t begin, std::int64_t end) {
    for (auto o = begin * kPanelWidth; o < std::min(end * kPanelWidth, out); ++o) {
      std::int8_t* to = panels + o / kPanelWidth * in * kPanelWidth + o % kPanelWidth;
      for (std::int64_t i = 0; i < in; ++i) to[i * kPanelWidth] = rows[o * in + i];
    }
  });
}

/// The largest Euclidean norm of a row of weights. `rows`: [out, in]; `scales`: of the rows.
float longest_row(const std::int8_t* rows, std::int64_t out, std::int64_t in,
                  const std::vector<float>& scales) {
  float longest = 0;
  for (std::int64_t o = 0; o < out; ++o) {
    const std::int8_t* row = rows + o * in;
    const auto squares = std::inner_product(row, row + in, row, std::int64_t{0});
    longest = std::max(longest, scales[o] * std::sqrt(static_cast<float>(squares)));
  }
  return longest;
}

/// Sizes and number of the nearly equal parts of at most `most` that `size` is cut into.
struct Parts {
  Parts(std::int64_t size, std::int64_t most) : count((size + most - 1) / most), size(size) {}
  std::int64_t begin(std::int64_t part) const { return part * size / count; }
  std::int64_t count, size;
};

}  // namespace

PackedMatrix::PackedMatrix(const StoredMatrix& weight, const at::Tensor& bias,
                           Int8Products products)
    : in_(weight.in()),
      out_(weight.out()),
      digits_(products == Int8Products::two_digits ? Digits::two : Digits::all),
      mapped_(weight.mapped),
      bias_(panels() * kPanelWidth) {
  if (bias.defined()) {
    const auto values = bias.to(at::kFloat).contiguous();
    std::copy_n(values.data_ptr<float>(), out_, bias_.begin());
  }
  if (weight.is_mapped()) {
    rows_.reserve(out_);
    for (const at::Tensor& part : mapped_) {
      const auto* first = static_cast<const std::uint16_t*>(part.data_ptr());
      for (std::int64_t o = 0; o < part.size(0); ++o) rows_.push_back(first + o * in_);
    }
    return;
  }
  const auto from = weight.values.contiguous();
  if (products != Int8Products::expanded && has_digit_products()) {
    quads_.resize(static_cast<std::size_t>(panels() * digit_depth(in_) * kPanelWidth));
    at::parallel_for(0, panels(), 1, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t first = begin * kPanelWidth, last = std::min(end * kPanelWidth, out_);
      pack_quads(from.data_ptr<std::int8_t>() + first * in_, last - first, in_,
                 quads_.data() + first * digit_depth(in_));
    });
  } else {
    int8_.resize(static_cast<std::size_t>(panels() * in_ * kPanelWidth));
    pack(from.data_ptr<std::int8_t>(), out_, in_, int8_.data());
  }
  scales_.resize(bias_.size());
  std::copy_n(weight.scales.contiguous().data_ptr<float>(), out_, scales_.begin());
  if (!quads_.empty()) length_ = longest_row(from.data_ptr<std::int8_t>(), out_, in_, scales_);
}

/// Expanded to float32 a piece at a time.
void PackedMatrix::multiply_expanded(std::int64_t first, std::int64_t last, const float* x,
                                     std::int64_t rows, float* y) const {
  const auto at_once = std::max<std::int64_t>(kPanelWidth, kExpandedAtOnce / in_);
  const auto input = at::from_blob(const_cast<float*>(x), {rows, in_}, at::kFloat);
  for (; first < last; first += at_once) {
    const auto count = std::min(at_once, last - first);
    float* floats = scratch(0, count * in_);
    for (std::int64_t o = 0; o < count; ++o)
      std::transform(rows_[first + o], rows_[first + o] + in_, floats + o * in_, to_float);
    const auto weight = at::from_blob(floats, {count, in_}, at::kFloat);
    const auto products = at::from_blob(scratch(1, rows * count), {rows, count}, at::kFloat);
    multiply_matrices(input, weight.t(), products);
    const float* from = products.data_ptr<float>();
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t o = 0; o < count; ++o)
        y[row * out_ + first + o] = from[row * count + o] + bias_[first + o];
    }
  }
}

void PackedMatrix::multiply_panels(std::int64_t begin, std::int64_t end, const float* x,
                                   std::int64_t rows, float* y, Digits digits) const {
  if (!rows_.empty()) {
    const auto first = begin * kPanelWidth, last = std::min(end * kPanelWidth, out_);
    if (rows > kFewInputs) return multiply_expanded(first, last, x, rows, y);
    multiply_bf16_rows(&rows_[first], last - first, in_, x, rows, &bias_[first], y + first, out_);
    return;
  }
  if (!quads_.empty()) {
    thread_local DigitRows split;
    split_into_digits(x, rows, in_, split);
    const auto first = begin * kPanelWidth;
    return multiply_digits({.values = &quads_[first * digit_depth(in_)],
                            .scales = &scales_[first],
                            .bias = &bias_[first],
                            .columns = std::min(end * kPanelWidth, out_) - first},
                           split, digits, y + first, out_);
  }
  if (rows <= kFewInputs) {
    for (auto panel = begin; panel < end; ++panel) {
      const auto column = panel * kPanelWidth;
      multiply_int8_panel({.values = &int8_[column * in_],
                           .scales = &scales_[column],
                           .bias = &bias_[column],
                           .columns = std::min(kPanelWidth, out_ - column)},
                          in_, x, rows, y + column, out_);
    }
    return;
  }
  float* tiles = scratch(0, std::min(rows, kBlockRows) * kDepth);
  float* buffer = scratch(1, kDepth * kPanelWidth);
  const Parts blocks(rows, kBlockRows), depths(in_, kDepth);
  for (std::int64_t block = 0; block < blocks.count; ++block) {
    const auto first_row = blocks.begin(block), count = blocks.begin(block + 1) - first_row;
    for (std::int64_t part = 0; part < depths.count; ++part) {
      const auto first = depths.begin(part), depth = depths.begin(part + 1) - first;
      pack_tiles(x + first_row * in_ + first, in_, count, depth, tiles);
      for (auto panel = begin; panel < end; ++panel) {
        const PanelOutput to{.y = y + first_row * out_ + panel * kPanelWidth,
                             .stride = out_,
                             .columns = std::min(kPanelWidth, out_ - panel * kPanelWidth),
                             .bias = part ? nullptr : &bias_[panel * kPanelWidth]};
        expand_panel(&int8_[(panel * in_ + first) * kPanelWidth], &scales_[panel * kPanelWidth],
                     depth, buffer);
        multiply_tiles(tiles, count, depth, buffer, to);
      }
    }
  }
}

at::Tensor PackedMatrix::multiply(const at::Tensor& x) const { return multiply_rows(x, digits_); }

RoughProduct PackedMatrix::multiply_roughly(const at::Tensor& x) const {
  RoughProduct product{multiply_rows(x, Digits::greatest),
                       std::vector<float>(static_cast<std::size_t>(x.size(0)))};
  if (quads_.empty()) return product;
  for (std::size_t row = 0; row < product.error.size(); ++row)
    product.error[row] =
        length_ *
        rounding_of_greatest(x.data_ptr<float>() + row * static_cast<std::size_t>(in_), in_);
  return product;
}

at::Tensor PackedMatrix::multiply_rows(const at::Tensor& x, Digits digits) const {
  const auto rows = x.size(0);
  auto y = at::empty({rows, out_}, x.options());
  if (!rows) return y;
  const auto *from = x.data_ptr<float>();
  auto* to = y.data_ptr<float>();
  const Parts blocks(rows, rows_.empty() ? kBlockRows : rows);
  // A task is a panel of one block of rows; a thread has neighbouring ones.
  const auto work = rows / blocks.count * in_ * kPanelWidth;
  at::parallel_for(0, blocks.count * panels(), std::max<std::int64_t>(1, kProductsAThread / work),
                   [&](std::int64_t task, std::int64_t end) {
                     while (task < end) {
                       const auto block = task / panels(), first = blocks.begin(block);
                       const auto panel = task % panels(),
                                  last = std::min(panels(), panel + end - task);
                       multiply_panels(panel, last, from + first * in_,
                                       blocks.begin(block + 1) - first, to + first * out_, digits);
                       task += last - panel;
                     }
                   });
  return y;
}

at::Tensor PackedMatrix::dense(at::ScalarType type) const {
  auto panels = at::from_blob(const_cast<std::int8_t*>(int8_.data()),
                              {this->panels(), in_, kPanelWidth}, at::kChar);
  auto scales = at::from_blob(const_cast<float*>(scales_.data()), {this->panels(), 1, kPanelWidth},
                              at::kFloat);
  auto rows = (panels.to(at::kFloat) * scales).to(type).transpose(1, 2);  // [panels, 16, in]
  return rows.reshape({this->panels() * kPanelWidth, in_}).narrow(0, 0, out_);
}

at::Tensor multiply_groups(std::span<const PackedMatrix* const> matrices, const at::Tensor& x,
                           std::span<const std::int64_t> begin) {
  const auto in = matrices[0]->in(), out = matrices[0]->out(), panels = matrices[0]->panels();
  auto y = at::empty({x.size(0), out}, x.options());
  const auto *from = x.data_ptr<float>();
  auto* to = y.data_ptr<float>();
  // Every thread has its panels of all matrices: groups differ in size.
  const auto work = std::max<std::int64_t>(1, x.size(0)) * in * kPanelWidth;
  at::parallel_for(0, panels, std::max<std::int64_t>(1, kProductsAThread / work),
                   [&](std::int64_t first, std::int64_t end) {
                     for (std::size_t group = 0; group < matrices.size(); ++group) {
                       const auto rows = begin[group + 1] - begin[group];
                       if (rows)
                         matrices[group]->multiply_panels(first, end, from + begin[group] * in,
                                                          rows, to + begin[group] * out,
                                                          matrices[group]->digits_);
                     }
                   });
  return y;
}

}  // namespace fovea
