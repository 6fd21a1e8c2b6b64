#include "bench/encoders/random_weights.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include "fovea/error.h"

namespace fovea::bench {
namespace {

using Tensors = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

void add_linear(Tensors& all, const std::string& name, std::int64_t out, std::int64_t in) {
  all.push_back({name + ".weight", {out, in}});
  all.push_back({name + ".bias", {out}});
}

void add_norm(Tensors& all, const std::string& name, std::int64_t width) {
  all.push_back({name + ".weight", {width}});
  all.push_back({name + ".bias", {width}});
}

void add_window_block(Tensors& all, const std::string& name, const EncoderSizes& sizes,
                      bool is_global) {
  const std::int64_t width = sizes.sam.width;
  const std::int64_t offsets = 2 * (is_global ? 64 : *sizes.sam.window) - 1;
  add_norm(all, name + "norm1", width);
  add_norm(all, name + "norm2", width);
  add_linear(all, name + "attn.qkv", 3 * width, width);
  add_linear(all, name + "attn.proj", width, width);
  add_linear(all, name + "mlp.lin1", 4 * width, width);
  add_linear(all, name + "mlp.lin2", width, 4 * width);
  if (!sizes.sam.rel_pos) return;
  all.push_back({name + "attn.rel_pos_h", {offsets, width / sizes.sam.heads}});
  all.push_back({name + "attn.rel_pos_w", {offsets, width / sizes.sam.heads}});
}

void add_window_tower(Tensors& all, const EncoderSizes& sizes) {
  const SamConfig& sam = sizes.sam;
  const std::string name = "model.sam_model.";
  all.push_back({name + "patch_embed.proj.weight", {sam.width, sam.channels, 16, 16}});
  all.push_back({name + "patch_embed.proj.bias", {sam.width}});
  all.push_back({name + "pos_embed", {1, 64, 64, sam.width}});
  std::vector<bool> is_global(sam.layers);
  for (const int block : sam.global_blocks) is_global[block] = true;
  for (int i = 0; i < sam.layers; ++i)
    add_window_block(all, name + "blocks." + std::to_string(i) + ".", sizes, is_global[i]);
  all.push_back({name + "neck.0.weight", {*sam.neck, sam.width, 1, 1}});
  add_norm(all, name + "neck.1", *sam.neck);
  all.push_back({name + "neck.2.weight", {*sam.neck, *sam.neck, 3, 3}});
  add_norm(all, name + "neck.3", *sam.neck);
  all.push_back({name + "net_2.weight", {sam.downsample[0], *sam.neck, 3, 3}});
  all.push_back({name + "net_3.weight", {sam.downsample[1], sam.downsample[0], 3, 3}});
}

void add_global_tower(Tensors& all, const EncoderSizes& sizes) {
  const std::int64_t width = sizes.clip.width;
  const std::string name = "model.vision_model.";
  all.push_back({name + "embeddings.class_embedding", {width}});
  all.push_back({name + "embeddings.position_embedding.weight", {257, width}});
  add_norm(all, name + "pre_layrnorm", width);
  for (int i = 0; i < sizes.clip.layers; ++i) {
    const std::string layer = name + "transformer.layers." + std::to_string(i) + ".";
    add_norm(all, layer + "layer_norm1", width);
    add_norm(all, layer + "layer_norm2", width);
    add_linear(all, layer + "self_attn.qkv_proj", 3 * width, width);
    add_linear(all, layer + "self_attn.out_proj", width, width);
    add_linear(all, layer + "mlp.fc1", 4 * width, width);
    add_linear(all, layer + "mlp.fc2", width, 4 * width);
  }
}

Tensors all_tensors(const EncoderSizes& sizes) {
  const std::int64_t width = sizes.clip.width, channels = sizes.sam.channels;
  Tensors all;
  add_window_tower(all, sizes);
  add_global_tower(all, sizes);
  add_linear(all, "bench.patch_14", width, channels * 14 * 14);
  add_linear(all, "bench.patch_16", width, channels * 16 * 16);
  add_linear(all, "bench.to_token", sizes.out, width);
  add_linear(all, "bench.four_merged", sizes.out, 4 * width);
  add_linear(all, "bench.joined", sizes.out, width + sizes.sam.downsample[1]);
  return all;
}

/// Spread so that activations stay near 1 from the first layer to the last.
at::Tensor random_values(const std::vector<std::int64_t>& shape) {
  std::int64_t inputs = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) inputs *= shape[i];
  const double spread = shape.size() == 1 ? 0.1 : std::sqrt(3.0 / double(inputs));
  return at::empty(shape, at::kFloat).uniform_(-spread, spread).to(at::kBFloat16);
}

}  // namespace

RandomWeights::RandomWeights(const EncoderSizes& sizes)
    : folder_(std::filesystem::temp_directory_path()) {
  at::manual_seed(0);
  const Tensors tensors = all_tensors(sizes);
  nlohmann::json header = nlohmann::json::object();
  std::int64_t at = 0;
  for (const auto& [name, shape] : tensors) {
    std::int64_t count = 1;
    for (const std::int64_t side : shape) count *= side;
    header[name] = {{"dtype", "BF16"}, {"shape", shape}, {"data_offsets", {at, at + 2 * count}}};
    at += 2 * count;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // values begin at a multiple of 8
  const std::uint64_t length = text.size();
  const std::string path = folder_.file("model.safetensors");
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), sizeof length) << text;
  for (const auto& tensor : tensors) {
    const at::Tensor values = random_values(tensor.second);
    file.write(static_cast<const char*>(values.data_ptr()), std::streamsize(values.nbytes()));
  }
  if (!file.flush())
    throw Error(ErrorCode::io, "cannot write " + path + ", " + std::to_string(at) +
                                   " bytes; make room there or set TMPDIR to another folder");
}

}  // namespace fovea::bench
