// Weight matrices in the ways that a checkpoint gives them, one below the other and in 8 bits.
#include "tests/model/torch_and_doctest.h"

#include "model/operators/stored_matrix.h"

namespace {

using fovea::quantised;
using fovea::stacked;
using fovea::StoredMatrix;

at::Tensor words(at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16); }

}  // namespace

TEST_CASE("stored matrix: matrices of one kind stay of it when they stand above each other") {
  at::manual_seed(1);
  const auto a = at::randn({3, 5}), b = at::randn({4, 5});
  const auto floats = stacked({{a, {}}, {b, {}}});
  CHECK(at::equal(floats.values, at::cat({a, b})));
  CHECK_FALSE(floats.is_int8());

  const auto first = quantised(a, at::kBFloat16), second = quantised(b, at::kBFloat16);
  const auto int8 = stacked({first, second});
  CHECK(int8.is_int8());
  CHECK((int8.compute() == at::kBFloat16));
  CHECK(int8.out() == 7);
  CHECK(at::equal(int8.dense(), at::cat({first.dense(), second.dense()})));

  const StoredMatrix above{{}, {}, {words({2, 5}), words({1, 5})}, at::kFloat};
  const StoredMatrix below{{}, {}, {words({6, 5})}, at::kFloat};
  const auto mapped = stacked({above, below});
  CHECK(mapped.is_mapped());
  CHECK(mapped.mapped.size() == 3);
  CHECK(mapped.mapped[2].data_ptr() == below.mapped[0].data_ptr());  // nothing is copied
  CHECK(mapped.out() == 9);
  CHECK(mapped.in() == 5);
  CHECK(at::equal(mapped.dense(), at::cat({above.dense(), below.dense()})));
}

TEST_CASE("stored matrix: of different kinds they are multiplied out") {
  at::manual_seed(2);
  const auto floats = at::randn({3, 5});
  const auto int8 = quantised(at::randn({4, 5}), at::kFloat);
  const StoredMatrix mapped{{}, {}, {words({2, 5})}, at::kFloat};
  const auto all = stacked({{floats, {}}, int8, mapped});
  CHECK_FALSE(all.is_int8());
  CHECK_FALSE(all.is_mapped());
  CHECK(at::equal(all.dense(), at::cat({floats, int8.dense(), mapped.dense()})));
  CHECK((stacked({int8, mapped}).values.scalar_type() == at::kFloat));
}

TEST_CASE("int8 weights: rows of any size, alone or by the thousand, keep signs and extremes") {
  for (const std::int64_t rows : {1, 1023, 1024, 1025, 2049}) {
    CAPTURE(rows);
    const auto scale = at::logspace(-20, 20, rows).unsqueeze(1);
    const auto values =
        at::tensor({-127.0f, 127.0f, 64.0f, -1.0f, 0.0f, 0.4f}).unsqueeze(0) * scale;
    const auto matrix = quantised(values, at::kFloat);
    CHECK(at::equal(matrix.values,
                    at::tensor({-127, 127, 64, -1, 0, 0}).to(at::kChar).expand({rows, 6})));
    CHECK(at::allclose(matrix.scales, scale.squeeze(1), 1e-6, 0));
  }
  const auto negative = quantised(at::tensor({-3.0f, -1.0f}).unsqueeze(0), at::kFloat);
  CHECK(negative.values[0][0].item<int>() == -127);
  CHECK(at::equal(quantised(at::zeros({2, 3}), at::kFloat).dense(), at::zeros({2, 3})));
}

TEST_CASE("int8 weights: bfloat16 values and turned ones are those of their floats") {
  at::manual_seed(3);
  const auto values = words({20, 30});
  const auto expected = quantised(values.to(at::kFloat), at::kFloat);
  const auto turned = quantised(values.t().contiguous().t(), at::kFloat);
  for (const auto& found : {quantised(values, at::kFloat), turned}) {
    CHECK(at::equal(found.values, expected.values));
    CHECK(at::equal(found.scales, expected.scales));
  }
}
