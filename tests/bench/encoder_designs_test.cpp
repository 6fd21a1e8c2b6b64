// Published numbers of tokens; operations worked out from DeepSeek-OCR's official code, and counted
// in a run of the training package's encoder (tests/python/test_encoder_designs.py).
#include "bench/encoders/designs.h"

#include <string>

#include <doctest/doctest.h>

using namespace fovea::bench;

namespace {

Plan plan_of(const std::string& name, int side) {
  for (const Design& design : encoder_designs())
    if (design.name == name) return design.plan(side);
  FAIL("no design is called " << name);
  return {};
}

int tokens_of(const std::string& name, int side) { return plan_of(name, side).tokens; }

double flops(int side, const std::string& sizes) {
  return flops_of(plan_of("DeepEncoder", side), sizes_named(sizes));
}

double gflop(int side) { return flops(side, "deepseek") / 1e9; }

}  // namespace

TEST_CASE("encoder designs: DeepEncoder leaves a token for 64 x 64 pixels") {
  CHECK(tokens_of("DeepEncoder", 512) == 64);
  CHECK(tokens_of("DeepEncoder", 640) == 100);
  CHECK(tokens_of("DeepEncoder", 1024) == 256);
  CHECK(tokens_of("DeepEncoder", 1280) == 400);
}

TEST_CASE("encoder designs: Gundam has 100 tokens a tile and 256 for the view") {
  CHECK(tokens_of("Gundam", 640) == 256);
  CHECK(tokens_of("Gundam", 1000) == 4 * 100 + 256);
  CHECK(tokens_of("Gundam", 1357) == 4 * 100 + 256);
  CHECK(tokens_of("Gundam", 1358) == 9 * 100 + 256);
  CHECK(tokens_of("Gundam", 4096) == 9 * 100 + 256);
}

TEST_CASE("encoder designs: InternVL has 256 tokens a tile and a thumbnail beside several") {
  CHECK(tokens_of("InternVL, 12 tiles", 448) == 256);
  CHECK(tokens_of("InternVL, 12 tiles", 640) == (4 + 1) * 256);
  CHECK(tokens_of("InternVL, 12 tiles", 4096) == (9 + 1) * 256);
  CHECK(tokens_of("InternVL, 40 tiles", 4096) == (36 + 1) * 256);
}

TEST_CASE("encoder designs: Qwen2-VL rounds sides to 28 pixels, up to 16384 tokens") {
  CHECK(tokens_of("Qwen2-VL", 224) == 64);
  CHECK(tokens_of("Qwen2-VL", 1024) == 1369);
  CHECK(tokens_of("Qwen2-VL", 1280) == 2116);
  CHECK(tokens_of("Qwen2-VL", 4096) == 16384);
}

TEST_CASE("encoder designs: Vary always has 256 tokens, a plain ViT one for 16 x 16 pixels") {
  CHECK(tokens_of("Vary", 512) == 256);
  CHECK(tokens_of("Vary", 4096) == 256);
  CHECK(tokens_of("plain ViT", 224) == 196);
  CHECK(tokens_of("plain ViT", 4096) == 65536);
}

TEST_CASE("encoder designs: DeepEncoder's operations are those of DeepSeek-OCR") {
  CHECK(gflop(512) == doctest::Approx(268).epsilon(0.01));
  CHECK(gflop(640) == doctest::Approx(388).epsilon(0.01));
  CHECK(gflop(1024) == doctest::Approx(1140).epsilon(0.01));
  CHECK(gflop(1280) == doctest::Approx(1943).epsilon(0.01));
}

TEST_CASE("encoder designs: DeepEncoder's operations are those counted in a run") {
  CHECK(flops(512, "nano") == 21'662'275'584.0);
  CHECK(flops(640, "nano") == 36'218'099'712.0);
}
