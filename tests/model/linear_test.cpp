// Products of every kind of weight against float64, with every set of instructions.
#include "tests/model/torch_and_doctest.h"

#include <utility>
#include <vector>

#include "model/layers.h"
#include "model/placement.h"
#include "tests/kernels/every_set.h"

namespace {

using namespace fovea;

/// Exact in bfloat16.
at::Tensor random_words(at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16).to(at::kFloat); }

at::Tensor in_float64(const at::Tensor& x, const at::Tensor& weight) {
  return at::mm(x.to(at::kDouble), weight.to(at::kDouble).t());
}

float share_off(const at::Tensor& found, const at::Tensor& expected) {
  REQUIRE(found.sizes() == expected.sizes());
  return ((found.to(at::kDouble) - expected).norm() / expected.norm()).item<float>();
}

/// A weight in each way that a checkpoint gives it here: with its name and how far products may be off.
struct Kind {
  const char* name;
  StoredMatrix weight;
  float limit;
};

std::vector<Kind> kinds_of(const at::Tensor& values) {
  constexpr float kFloats = 2e-6f, kWords = 4e-3f;
  const auto words = values.to(at::kBFloat16);
  const auto mapped = [&](at::ScalarType type) {
    const auto half = values.size(0) / 2;  // two matrices above each other
    return StoredMatrix{{}, {}, {words.narrow(0, 0, half), words.narrow(0, half, values.size(0) - half)}, type};
  };
  std::vector<Kind> kinds{{"float32", {values, {}}, kFloats},
                          {"int8", quantised(values, at::kFloat), kFloats}};
  if (Placement().has_tiles()) kinds.push_back({"mapped for float32", mapped(at::kFloat), kFloats});
  if (!multiplies_bf16(at::kCPU)) return kinds;
  kinds.push_back({"bfloat16", {words, {}}, kWords});
  kinds.push_back({"mapped for bfloat16", mapped(at::kBFloat16), kWords});
  kinds.push_back({"int8 for bfloat16", quantised(values, at::kBFloat16), 2 * kWords});
  return kinds;
}

}  // namespace

TEST_CASE("linear: every kind of weight, few rows and many, odd sides and a bias") {
  at::manual_seed(1);
  with_every_set([] {
    for (const auto& [out, in] : {std::pair{64, 48}, {37, 53}, {5, 7}, {96, 64}, {33, 400}}) {
      const auto values = random_words({out, in}), bias = random_words({out});
      for (const Kind& kind : kinds_of(values)) {
        const Linear map(kind.weight, bias.to(kind.weight.compute()), {});
        const auto dense = kind.weight.is_int8() ? quantised(values, at::kFloat).dense() : values;
        for (const int rows : {1, 2, 3, 4, 5, 6, 7, 33, 200}) {
          CAPTURE(kind.name);
          CAPTURE(in);
          CAPTURE(rows);
          const auto x = random_words({rows, in});
          CHECK(share_off(map(x), in_float64(x, dense) + bias) < kind.limit);
        }
      }
    }
  });
}

TEST_CASE("linear: groups of any size, empty ones too, each meet their own matrix") {
  at::manual_seed(2);
  with_every_set([] {
    const std::vector<std::int64_t> begin{0, 3, 3, 4, 24};
    std::vector<at::Tensor> values;
    for (int group = 0; group < 4; ++group) values.push_back(random_words({40, 48}));
    for (std::size_t kind = 0; kind < kinds_of(values[0]).size(); ++kind) {
      std::vector<StoredMatrix> weights;
      for (const auto& some : values) weights.push_back(kinds_of(some)[kind].weight);
      const GroupedLinear maps(weights, {});
      if (!maps.all_at_once(24)) continue;
      CAPTURE(kinds_of(values[0])[kind].name);
      const auto x = random_words({24, 48});
      const auto found = maps(x, begin);
      for (std::size_t group = 0; group < 4; ++group) {
        const auto first = begin[group], count = begin[group + 1] - first;
        const auto dense = weights[group].is_int8() ? quantised(values[group], at::kFloat).dense() : values[group];
        if (count) CHECK(share_off(found.narrow(0, first, count), in_float64(x.narrow(0, first, count), dense)) < 1e-5f);
      }
    }
  });
}
