#include "fovea/bench.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <tuple>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rand.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include "model/checkpoint/config.h"
#include "model/placement.h"

namespace fovea {
namespace {

/// `batch` products [m, k] x [k, n].
struct ProductShape {
  std::int64_t batch, m, k, n;
  auto operator<=>(const ProductShape&) const = default;
  double flop() const { return 2.0 * static_cast<double>(batch * m) * static_cast<double>(k * n); }
};

/// How often each shape comes.
class Products {
 public:
  void add(std::int64_t m, std::int64_t k, std::int64_t n, int times = 1, std::int64_t batch = 1) {
    if (times > 0) counts_[{batch, m, k, n}] += times;
  }
  Ceiling measure() const;

 private:
  std::map<ProductShape, int> counts_;
};

double seconds_of(const ProductShape& shape) {
  using Clock = std::chrono::steady_clock;
  const auto type = machine().bf16 ? at::kBFloat16 : at::kFloat;
  const at::Tensor a = at::rand({shape.batch, shape.m, shape.k}).to(type);
  const at::Tensor b = at::rand({shape.batch, shape.k, shape.n}).to(type);
  at::matmul(a, b);  // warm: the first call prepares the kernel
  double best = 1e9, spent = 0;
  for (int run = 0; run < 20 && spent < 0.2; ++run) {
    const auto start = Clock::now();
    at::matmul(a, b);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    spent += seconds;
  }
  return best;
}

Ceiling Products::measure() const {
  c10::InferenceMode inference;
  Ceiling ceiling;
  for (const auto& [shape, count] : counts_) {
    ceiling.gflop += count * shape.flop() / 1e9;
    ceiling.seconds += count * seconds_of(shape);
  }
  return ceiling;
}

/// A transformer block's four projections, `times` over.
void add_block(Products& products, std::int64_t tokens, std::int64_t width, int times) {
  products.add(tokens, width, 3 * width, times);
  products.add(tokens, width, width, times);
  products.add(tokens, width, 4 * width, times);
  products.add(tokens, 4 * width, width, times);
}

/// Scores and weighted sums of attention.
void add_attention(Products& products, std::int64_t batch, std::int64_t queries, std::int64_t keys,
                   std::int64_t head_dim, int times) {
  products.add(queries, head_dim, keys, times, batch);
  products.add(queries, keys, head_dim, times, batch);
}

void add_first_tower(Products& products, const SamConfig& sam, std::int64_t grid) {
  const std::int64_t patches = grid * grid;
  const int global = static_cast<int>(sam.global_blocks.size());
  const std::int64_t window = sam.window.value_or(14);
  const std::int64_t windows = (grid + window - 1) / window * ((grid + window - 1) / window);
  const std::int64_t head_dim = sam.width / sam.heads;
  products.add(patches, 16 * 16 * sam.channels, sam.width);
  add_block(products, patches, sam.width, sam.layers);
  add_attention(products, windows * sam.heads, window * window, window * window, head_dim,
                sam.layers - global);
  add_attention(products, sam.heads, patches, patches, head_dim, global);
  const std::int64_t neck = sam.neck.value_or(256);
  products.add(patches, sam.width, neck);
  products.add(patches, neck * 9, neck);
  products.add(patches / 4, neck * 9, sam.downsample[0]);
  products.add(patches / 16, std::int64_t{sam.downsample[0]} * 9, sam.downsample[1]);
}

void add_decoder(Products& products, const DecoderConfig& decoder, std::int64_t tokens) {
  const std::int64_t width = decoder.hidden;
  const std::int64_t kv = std::int64_t{decoder.kv_heads} * decoder.head_dim();
  products.add(tokens, width, width + 2 * kv, decoder.layers);
  products.add(tokens, width, width, decoder.layers);
  const auto add_mlp = [&](std::int64_t rows, std::int64_t hidden, int times) {
    products.add(rows, width, 2 * hidden, times);
    products.add(rows, hidden, width, times);
  };
  int with_experts = 0;
  for (int layer = 0; layer < decoder.layers; ++layer) with_experts += decoder.has_experts(layer);
  add_mlp(tokens, decoder.intermediate, decoder.layers - with_experts);
  if (with_experts == 0) return;
  const std::int64_t each = (tokens * decoder.experts_per_token + decoder.experts - 1) / decoder.experts;
  add_mlp(each, decoder.expert_intermediate, with_experts * decoder.experts);
  if (decoder.shared_experts > 0) {
    add_mlp(tokens, std::int64_t{decoder.shared_experts} * decoder.expert_intermediate, with_experts);
  }
}

ModelConfig config_of(const std::string& checkpoint) {
  return read_config((std::filesystem::path(checkpoint) / "config.json").string());
}

}  // namespace

Machine machine() {
  Machine machine;
  machine.libtorch = TORCH_VERSION;
  machine.bf16 = placement_of({}).compute == at::kBFloat16;
  machine.threads = at::get_num_threads();  // as placement_of has set it
  return machine;
}

Ceiling encoding_ceiling(const std::string& checkpoint, Level level) {
  const ModelConfig config = config_of(checkpoint);
  const std::int64_t tokens = token_count(level);
  Products products;
  add_first_tower(products, config.sam, side_of(level) / 16);
  add_block(products, tokens + 1, config.clip.width, config.clip.layers);
  add_attention(products, config.clip.heads, tokens + 1, tokens + 1,
                config.clip.width / config.clip.heads, config.clip.layers);
  products.add(tokens, config.clip.width + config.sam.downsample[1], config.decoder.hidden);
  return products.measure();
}

Ceiling reading_ceiling(const std::string& checkpoint, Level level, Density density,
                        int text_tokens) {
  const ModelConfig config = config_of(checkpoint);
  const std::int64_t prefix = sequence_length(level) + 1;
  const std::int64_t rows = grid_of(density).rows;
  const std::int64_t in_row = (text_tokens + rows - 1) / rows;
  const DecoderConfig& decoder = config.decoder;
  Products products;
  add_decoder(products, decoder, prefix);
  add_attention(products, decoder.heads, prefix, prefix, decoder.head_dim(), decoder.layers);
  add_decoder(products, decoder, text_tokens);
  add_attention(products, decoder.heads, text_tokens, prefix, decoder.head_dim(), decoder.layers);
  add_attention(products, decoder.heads * rows, in_row, in_row, decoder.head_dim(), decoder.layers);
  products.add(text_tokens, decoder.hidden, decoder.vocab);
  return products.measure();
}

double product_gflops(int m, int k, int n) {
  const ProductShape shape{1, m, k, n};
  return shape.flop() / 1e9 / seconds_of(shape);
}

}  // namespace fovea
