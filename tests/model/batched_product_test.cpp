// Products of two matrices, alone and inside a piece of parallel work, against float64.
#include "tests/model/torch_and_doctest.h"

#include <atomic>

#include "model/operators/batched_product.h"
#include "model/operators/in_pieces.h"
#include "model/placement.h"

namespace {

float share_off(const at::Tensor& a, const at::Tensor& b, const at::Tensor& y) {
  const auto exact = at::matmul(a.to(at::kDouble), b.to(at::kDouble));
  return ((y.to(at::kDouble) - exact).norm() / exact.norm()).item<float>();
}

/// Of one product for all threads, or of some at once, each on one thread.
float worst_of(const at::Tensor& a, const at::Tensor& b, bool in_a_piece) {
  const auto multiply = [&] {
    auto y = at::empty({a.size(0), b.size(1)}, at::kFloat);
    fovea::multiply_matrices(a, b, y);
    return share_off(a, b, y);
  };
  if (!in_a_piece) return multiply();
  std::atomic<float> worst = 0;
  fovea::in_pieces(4, 1, [&](std::int64_t, std::int64_t) {
    const float found = multiply();
    for (float known = worst; found > known && !worst.compare_exchange_weak(known, found);) {
    }
  });
  return worst;
}

}  // namespace

TEST_CASE("products: all of a long sum is there, on all threads and inside a piece") {
  at::manual_seed(5);
  for (const std::int64_t rows : {1, 7, 40}) {
    for (const std::int64_t depth : {3, 64, 6400}) {
      const auto a = at::randn({rows, depth}), b = at::randn({depth, 64});
      const auto turned = at::randn({64, depth}).t();
      for (const bool in_a_piece : {false, true, false}) {
        CAPTURE(rows);
        CAPTURE(depth);
        CAPTURE(in_a_piece);
        CHECK(worst_of(a, b, in_a_piece) < 2e-6f);
        CHECK(worst_of(a, turned, in_a_piece) < 2e-6f);
        if (!fovea::multiplies_bf16(at::kCPU)) continue;
        // libtorch without oneDNN rounds the sums of a single row.
        CHECK(worst_of(a.to(at::kBFloat16), b.to(at::kBFloat16), in_a_piece) < 1e-2f);
        CHECK(worst_of(a.to(at::kBFloat16), turned.to(at::kBFloat16), in_a_piece) < 4e-3f);
      }
    }
  }
}
