// Products of two matrices, alone and inside a piece of parallel work, against float64.
#include "tests/model/torch_and_doctest.h"

#include <array>
#include <atomic>

#include "model/operators/batched_product.h"
#include "model/operators/in_pieces.h"
#include "model/placement.h"
#include "tests/kernels/every_set.h"
#include "tests/model/thread_count.h"

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

TEST_CASE("batches: gaps and turned sides, on any number of threads, exact for whole numbers") {
  at::manual_seed(6);
  const auto whole = [](at::IntArrayRef sizes) { return at::randint(-4, 5, sizes, at::kFloat); };
  const auto check_batches = [&](std::int64_t z) {
    for (const auto& [n, k, m] :
         {std::array<std::int64_t, 3>{1, 1, 1}, {7, 16, 17}, {15, 385, 31}, {97, 20, 16}}) {
      CAPTURE(z);
      CAPTURE(k);
      const auto gaps = whole({z, n + 1, k + 2}).narrow(1, 1, n).narrow(2, 1, k);
      const auto inside = whole({n, z, k}).transpose(0, 1);  // a row of each entry after another
      for (const auto& a : {gaps, inside}) {
        for (const auto& b :
             {whole({z, k, m + 3}).narrow(2, 3, m), whole({z, m, k}).transpose(1, 2),
              whole({k, m}).unsqueeze(0).expand({z, k, m})}) {
          const auto all = at::full({z, n + 1, m + 2}, 99.0f);
          const auto y = all.narrow(1, 0, n).narrow(2, 1, m);
          fovea::multiply_batches(a, b, y, {});
          CHECK(at::equal(y, at::bmm(a, b)));
          y.fill_(99);
          CHECK((all == 99).all().item<bool>());  // what lies around it
        }
      }
    }
  };
  {
    const ThreadCount one(1);
    with_every_set([&] { check_batches(3); });
  }
  for (const int threads : {2, 4}) {
    const ThreadCount count(threads);
    check_batches(20);
  }
}

TEST_CASE("batches: none, and those of bfloat16") {
  const auto none = at::empty({0, 3, 4});
  fovea::multiply_batches(at::empty({0, 3, 5}), at::empty({0, 5, 4}), none, {});
  fovea::multiply_batches(at::empty({2, 0, 5}), at::empty({2, 5, 4}), at::empty({2, 0, 4}), {});
  if (!fovea::multiplies_bf16(at::kCPU)) return;
  const auto a = at::randint(-4, 5, {3, 7, 9}, at::kBFloat16),
             b = at::randint(-4, 5, {3, 9, 5}, at::kBFloat16);
  auto y = at::empty({3, 7, 5});
  fovea::multiply_batches(a, b, y, {});
  CHECK(at::equal(y, at::bmm(a.to(at::kFloat), b.to(at::kFloat))));
}

TEST_CASE("products: gaps, no rows and one of each, from many threads at once") {
  at::manual_seed(7);
  const auto whole = [](at::IntArrayRef sizes) { return at::randint(-4, 5, sizes, at::kFloat); };
  for (const auto& [n, k, m] :
       {std::array<std::int64_t, 3>{0, 5, 4}, {1, 1, 1}, {1, 17, 1}, {16, 15, 17}, {40, 500, 33}}) {
    const auto wide = whole({n, k + 5}), a = wide.narrow(1, 2, k), b = whole({k, m}),
               turned = whole({m, k}).t();
    for (const auto& left : {a, a.contiguous(), a.t().contiguous().t()}) {
      for (const auto& right : {b, turned}) {
        CAPTURE(n);
        CAPTURE(k);
        const auto expected =
            at::matmul(left.to(at::kDouble), right.to(at::kDouble)).to(at::kFloat);
        const auto is_right = [&] {
          const auto all = at::full({n, m + 1}, 99.0f), whole_y = at::empty({n, m});
          fovea::multiply_matrices(left, right, whole_y);
          fovea::multiply_matrices(left, right, all.narrow(1, 0, m));  // beside something else
          return at::equal(whole_y, expected) && at::equal(all.narrow(1, 0, m), expected) &&
                 (all.select(1, m) == 99).all().item<bool>();
        };
        for (const int threads : {1, 2, 4}) {
          const ThreadCount count(threads);
          CHECK(is_right());
        }
        CHECK(holds_on_threads(4, 3, is_right));
      }
    }
  }
}
