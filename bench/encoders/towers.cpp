#include "bench/encoders/towers.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "bench/encoders/random_weights.h"

namespace fovea::bench {
namespace {

using Tower = Pass::Tower;

Linear load_map(Checkpoint& checkpoint, const std::string& name, std::int64_t in) {
  return load_linear(checkpoint, "bench." + name, checkpoint.shape("bench." + name + ".bias", 1)[0],
                     in);
}

/// [B, c, S, S] -> [B, n, c * patch * patch], positions row-major.
at::Tensor patches_of(const at::Tensor& pixels, std::int64_t patch) {
  const auto b = pixels.size(0), c = pixels.size(1), side = pixels.size(2) / patch;
  return pixels.view({b, c, side, patch, side, patch})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({b, side * side, c * patch * patch});
}

/// Four neighbours side by side in one vector: [B, g * g, w] -> [B, g * g / 4, 4 * w].
at::Tensor merge_four(const at::Tensor& x, std::int64_t grid) {
  const auto b = x.size(0), half = grid / 2, width = x.size(2);
  return x.view({b, half, 2, half, 2, width})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({b, half * half, 4 * width});
}

at::Tensor random_pictures(const Pass& pass, std::int64_t patch, std::int64_t channels) {
  const auto side = pass.grid * patch;
  return at::empty({pass.pictures, channels, side, side}, at::kFloat).uniform_(-1, 1);
}

}  // namespace

Towers::Towers(const EncoderSizes& sizes, const Placement& placement)
    : Towers(sizes, Checkpoint(RandomWeights(sizes).folder(), placement)) {}

Towers::Towers(const EncoderSizes& sizes, Checkpoint checkpoint)
    : sizes_(sizes),
      sam_(checkpoint, sizes.sam),
      clip_(checkpoint, sizes.clip, sizes.sam.channels),
      patch_14_(load_map(checkpoint, "patch_14", sizes.sam.channels * 14 * 14)),
      patch_16_(load_map(checkpoint, "patch_16", sizes.sam.channels * 16 * 16)),
      to_token_(load_map(checkpoint, "to_token", sizes.clip.width)),
      joined_(load_map(checkpoint, "joined", sizes.clip.width + sizes.sam.downsample[1])),
      four_merged_(load_map(checkpoint, "four_merged", 4 * sizes.clip.width)) {
  checkpoint.require_all_taken();
}

at::Tensor Towers::embed(const at::Tensor& pixels, int patch) const {
  return (patch == 14 ? patch_14_ : patch_16_)(patches_of(pixels, patch)).to(at::kFloat);
}

/// Without the class token. `positions`: [B, n, width].
at::Tensor Towers::run_global(const at::Tensor& positions) const {
  return clip_.forward(positions, {}).narrow(1, 1, positions.size(1));
}

at::Tensor Towers::run(const Plan& plan) const {
  c10::InferenceMode inference;
  std::vector<at::Tensor> tokens;
  at::Tensor local;  // what the compressor of the last window pass left, [B, n, c]
  for (const Pass& pass : plan.passes) {
    if (pass.tower == Tower::window) {
      const auto pixels = random_pictures(pass, SamTower::kPatchSide, sizes_.sam.channels);
      local = sam_.forward(pixels, {}).flatten(1, 2);
      continue;
    }
    const at::Tensor positions =
        pass.patch ? embed(random_pictures(pass, pass.patch, sizes_.sam.channels), pass.patch)
                   : local;
    const at::Tensor seen = run_global(positions);
    if (plan.joined)
      tokens.push_back(joined_(at::cat({seen, local}, -1)).flatten(0, 1));
    else if (plan.merged == 4)
      tokens.push_back(four_merged_(merge_four(seen, pass.grid)).flatten(0, 1));
    else
      tokens.push_back(to_token_(seen).flatten(0, 1));
  }
  return at::cat(tokens).to(at::kFloat);
}

}  // namespace fovea::bench
