// Decoder matrices in 8 bits: how near they are, and that every way of multiplying them agrees.
#include "tests/model/torch_and_doctest.h"

#include "model/decoder.h"
#include "model/layers.h"

namespace {

using fovea::Linear;
using fovea::quantised;

const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a";

float largest(const at::Tensor& x) { return x.abs().max().item<float>(); }

fovea::Decoder load(bool int8) {
  fovea::Checkpoint checkpoint(kMini, {.device = at::kCPU, .compute = at::kFloat, .int8 = int8});
  return fovea::Decoder(checkpoint, fovea::read_config(kMini + "/config.json"));
}

}  // namespace

TEST_CASE("int8 weights: no value is further off than half a step of its row") {
  at::manual_seed(1);
  auto values = at::randn({1500, 40}) * at::logspace(-3, 3, 1500).unsqueeze(1);
  values[7].zero_();
  const auto matrix = quantised(values, at::kFloat);
  CHECK(matrix.is_int8());
  const auto step = values.abs().amax(1, /*keepdim=*/true) / 127;
  CHECK(((matrix.dense() - values).abs() <= step * 0.5001).all().item<bool>());
  CHECK(largest(matrix.dense()[7]) == 0);
  CHECK(matrix.values.abs().max().item<int>() == 127);
}

TEST_CASE("int8 weights: few rows and many, odd sizes and a bias give the same products") {
  at::manual_seed(2);
  for (const auto& [out, in] : {std::pair{64, 48}, {37, 53}, {5, 7}}) {
    const auto matrix = quantised(at::randn({out, in}), at::kFloat);
    const auto bias = at::randn({out});
    const Linear map(matrix, bias, {});
    for (const int rows : {1, 2, 3, 4, 5, 6, 7, 200}) {
      const auto x = at::randn({rows, in});
      const auto expected = at::addmm(bias, x, matrix.dense().t());
      CHECK(largest(map(x) - expected) < 1e-4f);
    }
  }
}

TEST_CASE("int8 weights: a decoder with them says nearly the same") {
  const auto whole = load(false), light = load(true);
  at::manual_seed(4);
  const auto embeds = at::randn({12, 64}) * 0.7;
  const auto logits = [&](const fovea::Decoder& decoder) {
    auto rows = decoder.make_rows(1, 12);
    return decoder.logits(decoder.forward(embeds, {}, rows, {{12}}));
  };
  const auto a = logits(whole), b = logits(light);
  const auto off = ((a - b).norm() / a.norm()).item<float>();
  CHECK(off > 0);
  CHECK(off < 0.05f);
}
