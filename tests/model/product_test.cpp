// Products with weights of every kind, on any number of threads, against float64.
#include "tests/model/torch_and_doctest.h"

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/operators/in_pieces.h"
#include "model/operators/one_dnn.h"
#include "model/operators/packed_matrix.h"
#include "model/operators/product.h"
#include "model/placement.h"
#include "tests/kernels/every_set.h"
#include "tests/model/thread_count.h"

namespace {

using namespace fovea;

/// Whole numbers, of which sums are exact: every way to a product has the same result, bit by bit.
at::Tensor whole(at::IntArrayRef sizes) { return at::randint(-4, 5, sizes, at::kFloat); }

/// Matrices above each other at odd words of one array, as a mapped file may have them.
StoredMatrix mapped(const at::Tensor& values, const std::vector<std::int64_t>& outs,
                    at::ScalarType type) {
  const auto in = values.size(1);
  StoredMatrix matrix;
  matrix.product_type = type;
  const auto file = at::empty({values.numel() + values.size(0)}, at::kBFloat16);
  std::int64_t place = 1, row = 0;
  for (const auto out : outs) {
    matrix.mapped.push_back(file.narrow(0, place, out * in).view({out, in}));
    matrix.mapped.back().copy_(values.narrow(0, row, out));
    place += out * in + 1;
    row += out;
  }
  return matrix;
}

/// int8 whose every scale is 1.
StoredMatrix int8_of(const at::Tensor& values, at::ScalarType type) {
  return {values.to(at::kChar), at::ones({values.size(0)}), {}, type};
}

struct Kind {
  std::string name;
  StoredMatrix weight;
};

/// `values` in each way that can be multiplied here. All hold them exactly.
std::vector<Kind> kinds_of(const at::Tensor& values) {
  const auto out = values.size(0), first = (out + 2) / 3;
  const std::vector<std::int64_t> outs =
      out > 1 ? std::vector<std::int64_t>{first, out - first} : std::vector<std::int64_t>{out};
  std::vector<Kind> kinds{{"float32", {values, {}}}, {"int8", int8_of(values, at::kFloat)}};
  if (Placement().has_tiles()) kinds.push_back({"mapped", mapped(values, outs, at::kFloat)});
  if (!multiplies_bf16(at::kCPU)) return kinds;
  kinds.push_back({"bfloat16", {values.to(at::kBFloat16), {}}});
  kinds.push_back({"mapped for bfloat16", mapped(values, outs, at::kBFloat16)});
  kinds.push_back({"int8 for bfloat16", int8_of(values, at::kBFloat16)});
  return kinds;
}

at::Tensor exact(const at::Tensor& x, const at::Tensor& values, const at::Tensor& bias) {
  const auto sums = at::matmul(x.to(at::kDouble), values.to(at::kDouble).t());
  return bias.defined() ? sums + bias : sums;
}

/// Of exact sums: the same float32, or the bfloat16 next to them.
bool is_exact(const at::Tensor& found, const at::Tensor& expected) {
  REQUIRE(found.sizes() == expected.sizes());
  return at::equal(found.to(at::kFloat), expected.to(found.scalar_type()).to(at::kFloat));
}

std::unique_ptr<Product> product_of(const Kind& kind, const at::Tensor& bias) {
  return make_product(kind.weight, bias.defined() ? bias.to(kind.weight.compute()) : bias, {});
}

constexpr std::int64_t kRows[] = {0, 1, 2, 5, 6, 7, 16, 127, 128, 129, 143, 144, 145, 290};

}  // namespace

TEST_CASE("product: every kind of weight is exact, whatever the sides, with a bias and without") {
  at::manual_seed(1);
  for (const auto& [out, in] :
       {std::pair{1, 1}, {1, 17}, {15, 16}, {16, 15}, {17, 33}, {33, 385}, {80, 384}}) {
    const auto values = whole({out, in});
    for (const auto& bias : {at::Tensor(), whole({out})}) {
      for (const Kind& kind : kinds_of(values)) {
        const auto product = product_of(kind, bias);
        for (const auto rows : kRows) {
          CAPTURE(kind.name);
          CAPTURE(out);
          CAPTURE(in);
          CAPTURE(rows);
          const auto x = whole({rows, in});
          CHECK(is_exact(product->multiply(x, at::kFloat), exact(x, values, bias)));
        }
      }
    }
  }
}

TEST_CASE("product: with fewer instructions too") {
  at::manual_seed(2);
  const auto values = whole({37, 53}), bias = whole({37});
  with_every_set([&] {
    for (const Kind& kind : kinds_of(values)) {
      const auto product = product_of(kind, bias);
      for (const std::int64_t rows : {1, 4, 7, 150}) {
        CAPTURE(kind.name);
        CAPTURE(rows);
        const auto x = whole({rows, 53});
        CHECK(is_exact(product->multiply(x, at::kFloat), exact(x, values, bias)));
      }
    }
  });
}

TEST_CASE("product: mapped weights that are expanded in several pieces") {
  if (!Placement().has_tiles()) return;
  at::manual_seed(3);
  const auto values = whole({643, 515}), bias = whole({643});
  const auto product = make_product(mapped(values, {1, 300, 342}, at::kFloat), bias, {});
  for (const int threads : {1, 2, 4}) {
    const ThreadCount count(threads);
    for (const std::int64_t rows : {3, 7, 65}) {
      const auto x = whole({rows, 515});
      CHECK(is_exact(product->multiply(x, at::kFloat), exact(x, values, bias)));
    }
  }
}

TEST_CASE("product: the input may be of any type and shape, and have gaps") {
  at::manual_seed(4);
  const auto values = whole({19, 24}), bias = whole({19});
  for (const Kind& kind : kinds_of(values)) {
    CAPTURE(kind.name);
    const auto product = product_of(kind, bias);
    for (const auto& x :
         {whole({24, 9}).t(), whole({9, 48}).narrow(1, 7, 24), whole({2, 5, 24}),
          whole({5, 2, 24}).transpose(0, 1), whole({24}), whole({1, 24}).expand({8, 24}),
          whole({3, 24}).to(at::kBFloat16), whole({30, 24}).to(at::kDouble)})
      CHECK(is_exact(product->multiply(x, at::kFloat), exact(x, values, bias)));
  }
}

TEST_CASE("product: one, two or four threads, again and again, give the same bits") {
  at::manual_seed(5);
  const auto values = at::randn({300, 700}), bias = at::randn({300}), many = at::randn({300, 700});
  for (const Kind& kind : kinds_of(values.to(at::kBFloat16).to(at::kFloat))) {
    if (kind.weight.is_int8()) continue;  // these values are no whole numbers
    const auto product = product_of(kind, bias);
    for (const std::int64_t rows : {1, 6, 40, 300}) {
      const auto x = many.narrow(0, 0, rows);
      const auto expected = exact(x, values.to(at::kBFloat16).to(at::kFloat), bias);
      for (const int threads : {1, 2, 4}) {
        CAPTURE(kind.name);
        CAPTURE(rows);
        CAPTURE(threads);
        const ThreadCount count(threads);
        const auto found = product->multiply(x, at::kFloat);
        const double off = ((found - expected).norm() / expected.norm()).item<double>();
        CHECK(off < (kind.weight.compute() == at::kFloat ? 2e-6 : 6e-3));
        for (int time = 0; time < 3; ++time)
          CHECK(at::equal(product->multiply(x, at::kFloat), found));
      }
    }
  }
}

TEST_CASE("product: int8 gives the same bits on any number of threads") {
  at::manual_seed(6);
  const auto product =
      make_product(quantised(at::randn({300, 500}), at::kFloat), at::randn({300}), {});
  for (const std::int64_t rows : {1, 6, 7, 300}) {
    if (!Placement().has_tiles() && rows > 6) continue;  // libtorch's
    const auto x = at::randn({rows, 500});
    const ThreadCount one(1);
    const auto expected = product->multiply(x, at::kFloat);
    for (const int threads : {2, 3, 4}) {
      const ThreadCount count(threads);
      CHECK(at::equal(product->multiply(x, at::kFloat), expected));
    }
  }
}

TEST_CASE("product: made inside a piece, it serves all threads, and the other way round") {
  // oneDNN cuts a product up for a number of threads: what is made for one must not be run by two.
  at::manual_seed(7);
  const ThreadCount four(4);
  for (const std::int64_t in : {70, 6400}) {
    const auto values = whole({96, in}), bias = whole({96}), x = whole({128, in});
    const auto expected = exact(x, values, bias);
    for (const Kind& kind : kinds_of(values)) {
      CAPTURE(kind.name);
      CAPTURE(in);
      std::vector<std::unique_ptr<Product>> inside(4);
      in_pieces(4, 1,
                [&](std::int64_t piece, std::int64_t) { inside[piece] = product_of(kind, bias); });
      inside.push_back(product_of(kind, bias));
      for (const std::int64_t rows : {1, 9, 128}) {
        const auto some = x.narrow(0, 0, rows);
        const auto right = [&](const Product& product) {
          return is_exact(product.multiply(some, at::kFloat), expected.narrow(0, 0, rows));
        };
        for (const auto& product : inside) CHECK(right(*product));
        std::atomic<int> wrong = 0;
        in_pieces(8, 1, [&](std::int64_t piece, std::int64_t) {
          wrong += right(*inside[piece % 5]) ? 0 : 1;
        });
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("product: many threads call one at once, with inputs of their own") {
  at::manual_seed(8);
  const auto values = whole({130, 200}), bias = whole({130}), x = whole({40, 200});
  const auto expected = exact(x, values, bias);
  for (const Kind& kind : kinds_of(values)) {
    CAPTURE(kind.name);
    const auto product = product_of(kind, bias);
    std::atomic<int> turn = 0;
    CHECK(holds_on_threads(4, 12, [&] {
      const int rows = 1 + turn++ % 40;
      return is_exact(product->multiply(x.narrow(0, 40 - rows, rows), at::kFloat),
                      expected.narrow(0, 40 - rows, rows));
    }));
  }
}

TEST_CASE("product: a thousand and more numbers of rows") {  // the shapes that oneDNN has code for
  at::manual_seed(9);
  const auto values = whole({8, 4}), x = whole({1100, 4});
  const auto expected = exact(x, values, {});
  const auto product = make_product({values, {}}, {}, {});
  std::int64_t wrong = 0;
  for (std::int64_t rows = 1; rows <= 1100; ++rows)
    wrong +=
        !is_exact(product->multiply(x.narrow(0, 0, rows), at::kFloat), expected.narrow(0, 0, rows));
  CHECK(wrong == 0);
}

TEST_CASE("product: a row that is not finite spoils no other") {
  at::manual_seed(10);
  const auto values = whole({35, 40}), bias = whole({35});
  for (const Kind& kind : kinds_of(values)) {
    const auto product = product_of(kind, bias);
    for (const std::int64_t rows : {2, 6, 7, 31, 150}) {
      CAPTURE(kind.name);
      CAPTURE(rows);
      auto x = whole({rows, 40});
      const auto expected = exact(x, values, bias);
      x[1].fill_(std::numeric_limits<float>::quiet_NaN());
      const auto found = product->multiply(x, at::kFloat);
      CHECK(found[1].isnan().all().item<bool>());
      CHECK(is_exact(found[0], expected[0]));
      CHECK(is_exact(found.narrow(0, 2, rows - 2), expected.narrow(0, 2, rows - 2)));
    }
  }
}

TEST_CASE("product: bfloat16 weights give the type that is wanted, float32 ones float32") {
  if (!multiplies_bf16(at::kCPU)) return;
  at::manual_seed(11);
  const auto values = whole({16, 32}), x = whole({20, 32}) * 17;
  // libtorch gives sums in the type of what it multiplies.
  const bool chooses =
      make_one_dnn_product({values.to(at::kBFloat16)}, {}, WeightLayout::packed) != nullptr;
  for (const Kind& kind : kinds_of(values)) {
    CAPTURE(kind.name);
    const auto product = product_of(kind, {});
    CHECK((product->multiply(x, at::kFloat).scalar_type() ==
           (chooses ? at::kFloat : kind.weight.compute())));
    const auto found = product->multiply(x, at::kBFloat16);
    CHECK((found.scalar_type() == kind.weight.compute()));
    CHECK(is_exact(found, exact(x, values, {})));
  }
}

TEST_CASE("product: an activation of the sums, for every kind of weight") {
  at::manual_seed(13);
  const auto values = whole({37, 53}), bias = whole({37});
  for (const Kind& kind : kinds_of(values)) {
    const auto product = product_of(kind, bias);
    for (const std::int64_t rows : {0, 1, 7, 150}) {
      CAPTURE(kind.name);
      CAPTURE(rows);
      const auto x = whole({rows, 53}) / 16;
      const auto sums = exact(x, values, bias);
      const auto check = [&](Activation activation, const at::Tensor& expected) {
        const auto type = kind.weight.compute();
        const auto found = product->activated(x, type, activation).to(at::kDouble);
        const double digits = type == at::kFloat ? 1e-5 : 1.0 / 64;
        CHECK(at::allclose(found, expected, digits, digits));
      };
      check(Activation::none, sums);
      check(Activation::gelu, at::gelu(sums));
      check(Activation::quick_gelu, sums * at::sigmoid(1.702 * sums));
    }
  }
}

TEST_CASE("product: what is added to what is there, which may have gaps") {
  at::manual_seed(14);
  const auto values = whole({19, 24}), bias = whole({19});
  for (const Kind& kind : kinds_of(values)) {
    const auto product = product_of(kind, bias);
    for (const std::int64_t rows : {0, 1, 7, 150}) {
      CAPTURE(kind.name);
      CAPTURE(rows);
      const auto x = whole({rows, 24}) / 16;  // few enough digits for bfloat16
      for (auto y : {whole({rows, 19}), whole({rows, 40}).narrow(1, 9, 19)}) {
        const auto expected = y.to(at::kDouble) + exact(x, values, bias);
        product->add_to(y, x);
        CHECK(at::allclose(y.to(at::kDouble), expected, 0, 1.0 / 8));
      }
    }
  }
}

TEST_CASE("groups: empty ones, one row and many, on any number of threads and inside a piece") {
  at::manual_seed(12);
  const std::vector<std::int64_t> begin{0, 0, 1, 7, 14, 14, 180};
  for (const std::int64_t out : {15, 16, 50}) {
    const auto x = whole({180, 33});
    std::vector<at::Tensor> values;
    for (int group = 0; group < 6; ++group) values.push_back(whole({out, 33}));
    for (const char* kind : {"expanded", "digits", "mapped"}) {
      const bool is_mapped = kind == std::string("mapped");
      const auto products =
          kind == std::string("digits") ? Int8Products::digits : Int8Products::expanded;
      std::vector<std::unique_ptr<PackedMatrix>> matrices;
      std::vector<const PackedMatrix*> all;
      for (const auto& some : values) {
        const auto weight =
            is_mapped ? mapped(some, {1, out - 1}, at::kFloat) : int8_of(some, at::kFloat);
        matrices.push_back(std::make_unique<PackedMatrix>(weight, at::Tensor(), products));
        all.push_back(matrices.back().get());
      }
      at::Tensor expected = at::empty({180, out}, at::kDouble);
      for (std::size_t group = 0; group < 6; ++group) {
        const auto first = begin[group], count = begin[group + 1] - first;
        expected.narrow(0, first, count).copy_(exact(x.narrow(0, first, count), values[group], {}));
      }
      const auto right = [&] { return is_exact(multiply_groups(all, x, begin), expected); };
      for (const int threads : {1, 2, 4}) {
        CAPTURE(out);
        CAPTURE(kind);
        CAPTURE(threads);
        const ThreadCount count(threads);
        CHECK(right());
        std::atomic<int> wrong = 0;
        in_pieces(4, 1, [&](std::int64_t, std::int64_t) { wrong += right() ? 0 : 1; });
        CHECK(wrong == 0);
      }
      CHECK(holds_on_threads(4, 5, right));
      CHECK(multiply_groups(all, x.narrow(0, 0, 0), std::vector<std::int64_t>(7)).size(0) == 0);
    }
  }
}

TEST_CASE("packed matrix: rough products are near, and say how near") {
  at::manual_seed(14);
  const auto weight = quantised(at::randn({70, 300}), at::kFloat);
  const auto x = at::randn({60, 300});
  for (const auto products : {Int8Products::expanded, Int8Products::digits}) {
    const PackedMatrix matrix(weight, at::randn({70}), products);
    const auto exact = matrix.multiply(x);
    const RoughProduct rough = matrix.multiply_roughly(x);
    for (std::int64_t row = 0; row < 60; ++row) {
      const auto off = (rough.values[row] - exact[row]).abs().max().item<float>();
      CHECK(off <= 6 * rough.error[row]);
    }
  }
}

TEST_CASE("packed matrix: two digits are near, alone and in a group, unless float32 is asked for") {
  at::manual_seed(15);
  const auto weight = quantised(at::randn({70, 300}), at::kFloat);
  const auto x = at::randn({60, 300});
  const PackedMatrix all(weight, {}, Int8Products::digits);
  const PackedMatrix two(weight, {}, Int8Products::two_digits);
  const auto exact = all.multiply(x), near = two.multiply(x);
  const auto off = (near - exact).abs().max().item<float>();
  CHECK((off > 0) == has_digit_products());
  CHECK(off < 1e-4F * exact.abs().max().item<float>());
  const PackedMatrix* const groups[] = {&two, &all};
  const auto both = multiply_groups(groups, at::cat({x, x}), std::vector<std::int64_t>{0, 60, 120});
  CHECK(at::equal(both.narrow(0, 0, 60), near));
  CHECK(at::equal(both.narrow(0, 60, 60), exact));
  CHECK(placement_of({.device = "cpu"}).two_digits);
  CHECK(!placement_of({.device = "cpu", .precision = Precision::fp32}).two_digits);
}

TEST_CASE("packed matrix: int8 comes back as it was, of any sides") {
  at::manual_seed(13);
  for (const auto& [out, in] : {std::pair{1, 1}, {15, 7}, {16, 16}, {33, 20}}) {
    const auto weight = quantised(at::randn({out, in}), at::kFloat);
    const PackedMatrix matrix(weight);
    CHECK(matrix.out() == out);
    CHECK(matrix.in() == in);
    CHECK(at::equal(matrix.dense(at::kFloat), weight.dense()));
    CHECK(at::equal(matrix.dense(at::kBFloat16), weight.dense().to(at::kBFloat16)));
  }
}
