#pragma once

#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/operators/product.h"

namespace fovea {

// Products by oneDNN, the library that Debian's libtorch multiplies with too: it can lay weights out
// beforehand, which libtorch does not offer. Where a build or a CPU lacks what is needed, the answer
// is nothing, and the caller asks libtorch. Called inside a piece (in_pieces.h) they run on the
// calling thread.

enum class WeightLayout {
  packed,     ///< a copy in the layout that oneDNN multiplies fastest
  as_stored,  ///< read where it lies, which may be a mapped file
};

/// `parts`: matrices [outs, in] above each other, float32 or bfloat16, on the CPU; `bias`: [sum of
/// outs], or undefined. Sums are float32.
std::unique_ptr<Product> make_one_dnn_product(const std::vector<at::Tensor>& parts,
                                              const at::Tensor& bias, WeightLayout layout);

/// y = a b. `a`: [m, k]; `b`: [k, n], either of them or both transposed in memory; `y`: [m, n]; or all
/// with a batch in front. `a` and `b` of one type, float32 or bfloat16. All without gaps.
bool multiply_with_one_dnn(const at::Tensor& a, const at::Tensor& b, const at::Tensor& y);

}  // namespace fovea
