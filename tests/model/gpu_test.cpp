// What a GPU calculates in bfloat16, with recorded steps and fused attention, is what the CPU does in
// float32. Without a GPU there is nothing to check. Weights: tests/golden/mini_a.
#include "tests/model/torch_and_doctest.h"

#include "model/decoder.h"
#include "model/encoder.h"
#include "model/ocr/sequence.h"

namespace {

const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a";
constexpr int kHidden = 64;

fovea::Placement gpu() { return {.device = at::kCUDA, .compute = at::kBFloat16}; }

template <typename Part>
Part load(const fovea::Placement& placement) {
  fovea::Checkpoint checkpoint(kMini, placement);
  return Part(checkpoint, fovea::read_config(kMini + "/config.json"));
}

float share_off(const at::Tensor& expected, const at::Tensor& found) {
  return ((found.cpu() - expected).norm() / expected.norm()).item<float>();
}

}  // namespace

TEST_CASE("GPU: decoding steps of rows of different lengths are those of the CPU") {
  if (!at::hasCUDA()) return;
  const auto here = load<fovea::Decoder>({}), there = load<fovea::Decoder>(gpu());
  at::manual_seed(6);
  auto rows_here = here.make_rows(3, 700), rows_there = there.make_rows(3, 700);
  const auto start = at::randn({9, kHidden}) * 0.7;
  const std::vector<std::int64_t> counts{5, 3, 1};
  here.forward(start, {}, rows_here, counts);
  there.forward(start, {}, rows_there, counts);
  const auto check_steps = [&](int steps) {
    for (int step = 0; step < steps; ++step) {
      const auto next = at::randn({rows_here.rows(), 1, kHidden}) * 0.7;
      const auto expected = here.forward_rows(next, {}, rows_here);
      CHECK(share_off(expected, there.forward_rows(next, {}, rows_there)) < 0.1f);
    }
  };
  check_steps(4);
  for (auto* rows : {&rows_here, &rows_there}) {
    rows->rewind(0, 2);
    rows->keep(std::vector<std::int64_t>{0, 2});
  }
  check_steps(3);
  const auto many = at::randn({2, 520, kHidden}) * 0.7;  // beyond what the first recording serves
  here.forward_rows(many, {}, rows_here);
  there.forward_rows(many, {}, rows_there);
  check_steps(2);
}

TEST_CASE("GPU: vision tokens of all sizes are those of the CPU") {
  if (!at::hasCUDA()) return;
  const auto here = load<fovea::DeepEncoder>({}), there = load<fovea::DeepEncoder>(gpu());
  at::manual_seed(7);
  for (const int side : {512, 640, 1024, 1280}) {
    const auto pixels = at::rand({1, 3, side, side}) * 2 - 1;
    CHECK(share_off(here.encode(pixels), there.encode(pixels)) < 0.05f);
  }
}
