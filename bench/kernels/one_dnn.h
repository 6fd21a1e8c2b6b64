#pragma once

#include <cstdint>
#include <vector>

#include <dnnl.hpp>

namespace fovea::bench {

using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

/// Memory of its own, [rows, columns] or [batch, rows, columns] by `tag`, filled with small values.
dnnl::memory filled(const dnnl::memory::dims& sides, Type type, Tag tag);

/// y = x W^T + b by oneDNN, for several weights of one shape that lie in the layout it likes best,
/// or, if not `prepacked`, as [out, in] in memory. Sums and
/// results are float32, but for bfloat16's results, which are bfloat16.
class OneDnnLinear {
 public:
  /// `type`: f32, bf16 or s8; of s8, x too is rounded to 8 bits in each call, with one scale.
  OneDnnLinear(std::int64_t rows, std::int64_t in, std::int64_t out, Type type, int weights,
               bool prepacked = true);
  void operator()(int weight);

 private:
  void quantise();

  dnnl::memory x_, y_, bias_;
  std::vector<float> floats_;  ///< x before it is rounded
  std::vector<dnnl::memory> weights_;
  dnnl::matmul product_;
};

/// softmax(q k^T) v for `batch` heads by three calls of oneDNN, without a bias.
class OneDnnAttention {
 public:
  OneDnnAttention(std::int64_t batch, std::int64_t queries, std::int64_t keys, std::int64_t dim,
                  Type type);
  void operator()();

 private:
  dnnl::memory q_, k_, v_, scores_, out_;
  dnnl::matmul score_, sum_;
  dnnl::softmax_v2_forward softmax_;
};

/// A softmax of each row in place, [rows, n] float32.
class OneDnnSoftmax {
 public:
  OneDnnSoftmax(std::int64_t rows, std::int64_t n);
  void operator()();

 private:
  dnnl::memory x_;
  dnnl::softmax_v2_forward softmax_;
};

}  // namespace fovea::bench
