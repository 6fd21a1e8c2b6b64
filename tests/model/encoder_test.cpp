// Weights: tests/golden/mini_a, see the README there. The numbers themselves are fovea_golden's.
#include "tests/model/torch_and_doctest.h"

#include "fovea/error.h"
#include "model/encoder.h"
#include "model/placement.h"
#include "tests/model/checkpoint_files.h"

namespace {

using fovea::DeepEncoder;
using fovea::Error;
using nlohmann::json;

const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a";

DeepEncoder load(const std::string& folder, fovea::Placement placement = {}) {
  fovea::Checkpoint checkpoint(folder, placement);
  return DeepEncoder(checkpoint, fovea::read_config(folder + "/config.json"));
}

at::Tensor random_pixels(int side) {
  at::manual_seed(7);
  return at::rand({1, 3, side, side}) * 2 - 1;
}

/// The mini checkpoint with a change to its config (RFC 7386).
CheckpointFiles changed(const std::string& name, const json& change) {
  CheckpointFiles files(name);
  auto config = json::parse(std::ifstream(kMini + "/config.json"));
  config.merge_patch(change);
  files.write("config.json", config.dump());
  files.copy(kMini + "/model.safetensors", "model.safetensors");
  return files;
}

json sam(const json& values) {
  return {{"vision_config", {{"width", {{"sam_vit_b", values}}}}}};
}

}  // namespace

TEST_CASE("encoder: one vector for every 64 pixels square") {
  auto encoder = load(kMini);
  CHECK(encoder.encode(random_pixels(256)).sizes().vec() == fovea::Shape{1, 16, 64});
  CHECK(encoder.encode(random_pixels(384)).sizes().vec() == fovea::Shape{1, 36, 64});
  CHECK_THROWS_AS(encoder.encode(random_pixels(500)), Error);
  CHECK_THROWS_AS(encoder.encode(at::zeros({1, 1, 256, 256})), Error);
  CHECK_THROWS_AS(encoder.encode(at::zeros({1, 3, 256, 320})), Error);
  CHECK_THROWS_AS(encoder.encode(at::zeros({3, 256, 256})), Error);
}

TEST_CASE("encoder: pages of a batch do not touch each other") {
  auto encoder = load(kMini);
  auto pixels = at::cat({random_pixels(256), random_pixels(256).flip(3)});
  auto together = encoder.encode(pixels);
  for (int page = 0; page < 2; ++page) {
    auto alone = encoder.encode(pixels.narrow(0, page, 1))[0];
    CHECK((together[page] - alone).abs().max().item<float>() < 1e-4f);
  }
}

TEST_CASE("encoder: bfloat16 products stay near float32") {
  auto pixels = random_pixels(256);
  auto exact = load(kMini).encode(pixels);
  auto half =
      load(kMini, fovea::placement_of({.device = "cpu", .precision = fovea::Precision::bf16}))
          .encode(pixels);
  CHECK((half.scalar_type() == at::kFloat));
  CHECK(((half - exact).norm() / exact.norm()).item<float>() < 0.03f);
}

TEST_CASE("encoder: window and neck sizes are read off the tensors when config.json lacks them") {
  auto files = changed("silent", sam({{"window_size", nullptr}, {"neck_channels", nullptr}}));
  auto pixels = random_pixels(256);
  CHECK(at::equal(load(files.folder()).encode(pixels), load(kMini).encode(pixels)));
}

TEST_CASE("encoder: a config that does not fit the tensors is refused by tensor") {
  auto check = [](const char* name, const json& change, const char* tensor) {
    auto files = changed(name, change);
    CHECK_THROWS_WITH_AS(load(files.folder()), doctest::Contains(tensor), Error);
  };
  check("window", sam({{"window_size", 8}}), "blocks.0.attn.rel_pos_h: expected shape [15, 16]");
  check("neck", sam({{"neck_channels", 8}}), "neck.0.weight");
  check("heads", sam({{"heads", 4}}), "rel_pos_h: expected shape [27, 8], found [27, 16]");
  check("layers", sam({{"layers", 5}}), "blocks.4.mlp.lin1.weight");
  check("global", sam({{"global_attn_indexes", {1}}}), "blocks.3.attn.rel_pos_h");
  check("gray", {{"vision_config", {{"in_chans", 1}}}}, "patch_embed.proj.weight");
  check("down", sam({{"downsample_channels", {24, 32}}}), "net_3.weight");
}

TEST_CASE("encoder: rows and tiles are put in the decoder's order") {
  auto encoder = load(kMini);
  auto newline = encoder.image_newline(), separator = encoder.view_separator();
  auto view = at::arange(4).view({4, 1}).expand({4, 64}).to(at::kFloat);
  auto arranged = fovea::arrange_view(encoder, view);
  REQUIRE(arranged.size(0) == 7);
  CHECK(at::equal(arranged[1], view[1]));
  CHECK(at::equal(arranged[2], newline));
  CHECK(at::equal(arranged[3], view[2]));
  CHECK(at::equal(arranged[6], separator));

  // Two tiles side by side: a raster row runs through both.
  auto tiles = at::stack({view + 10, view + 20});
  auto raster = fovea::arrange_tiles(encoder, tiles, 2, 1, view);
  REQUIRE(raster.size(0) == 2 * 5 + 7);
  auto first = raster.narrow(0, 0, 5).select(1, 0);
  CHECK(at::equal(first.narrow(0, 0, 4), at::tensor({10.0f, 11.0f, 20.0f, 21.0f})));
  CHECK(at::equal(raster[4], newline));
  CHECK(at::equal(raster.narrow(0, 10, 7), arranged));
}
