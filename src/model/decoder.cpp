#include "model/decoder.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"
#include "model/experts.h"
#include "model/layers.h"
#include "model/operators/cuda_graph.h"
#include "model/row_attention.h"

namespace fovea {
namespace {

/// A recording serves rows of up to so many tokens, then of twice as many and so on.
constexpr std::int64_t kKeysStep = 512;

struct Layer {
  RmsNorm input_norm, post_norm;
  Linear qkv;  ///< [(heads + 2 * kv_heads) * head_dim, d]
  Linear out;  ///< [d, heads * head_dim]
  std::optional<GatedMlp> dense;
  std::optional<Experts> experts;
};

Layer load_layer(Checkpoint& checkpoint, const DecoderConfig& config, int index) {
  auto name = "model.layers." + std::to_string(index) + ".";
  auto attention = name + "self_attn.";
  std::int64_t d = config.hidden, kv = config.kv_heads * config.head_dim();
  auto qkv = stacked({checkpoint.decoder_matrix(attention + "q_proj.weight", {d, d}),
                      checkpoint.decoder_matrix(attention + "k_proj.weight", {kv, d}),
                      checkpoint.decoder_matrix(attention + "v_proj.weight", {kv, d})});
  auto norm = [&](const char* which) {
    return load_rms_norm(checkpoint, name + which, d, config.norm_epsilon);
  };
  Layer layer{.input_norm = norm("input_layernorm"),
              .post_norm = norm("post_attention_layernorm"),
              .qkv = Linear(qkv, checkpoint.placement()),
              .out = Linear(checkpoint.decoder_matrix(attention + "o_proj.weight", {d, d}),
                            checkpoint.placement()),
              .dense = {},
              .experts = {}};
  if (config.has_experts(index)) {
    layer.experts.emplace(checkpoint, name + "mlp", config);
  } else {
    layer.dense = load_gated_mlp(checkpoint, name + "mlp", config.intermediate, d);
  }
  return layer;
}

[[noreturn]] void invalid(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, what);
}

/// Moves up the tokens that rows hold, in the memory where they are. `lengths`: of `rows`.
at::Tensor kept_in_place(const at::Tensor& all, std::span<const std::int64_t> rows,
                         const std::vector<std::int64_t>& lengths) {
  const auto head = static_cast<std::size_t>(all.stride(1) * all.element_size());
  const auto token = static_cast<std::size_t>(all.stride(2) * all.element_size());
  const auto heads = static_cast<std::size_t>(all.size(1));
  auto* memory = static_cast<char*>(all.data_ptr());
  for (std::size_t to = 0; to < rows.size(); ++to) {
    const auto from = static_cast<std::size_t>(rows[to]);
    const auto bytes = static_cast<std::size_t>(lengths[to]) * token;
    for (std::size_t i = 0; i < heads && from != to; ++i)
      std::memcpy(memory + (to * heads + i) * head, memory + (from * heads + i) * head, bytes);
  }
  return all.narrow(0, 0, static_cast<std::int64_t>(rows.size()));
}

}  // namespace

void RowCache::rewind(std::int64_t row, std::int64_t length) {
  auto& held = lengths_.at(row);
  if (length < 0 || length > held)
    invalid("expected a length from 0 to " + std::to_string(held) + ", got " +
            std::to_string(length));
  held = length;
}

void RowCache::copy(std::int64_t from, std::int64_t to) {
  c10::InferenceMode inference;
  const std::int64_t length = lengths_.at(static_cast<std::size_t>(from));
  for (auto* tensors : {&keys_, &values_}) {
    for (auto& tensor : *tensors)
      tensor[to].narrow(1, 0, length).copy_(tensor[from].narrow(1, 0, length));
  }
  lengths_.at(static_cast<std::size_t>(to)) = length;
}

void RowCache::keep(std::span<const std::int64_t> rows) {
  c10::InferenceMode inference;
  if (std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) != rows.end())
    invalid("rows that are kept must be in ascending order");
  std::vector<std::int64_t> lengths;
  for (auto row : rows) lengths.push_back(lengths_.at(row));
  auto index = at::tensor(at::IntArrayRef(rows.data(), rows.size()), at::kLong);
  for (auto* tensors : {&keys_, &values_}) {
    for (auto& tensor : *tensors)
      tensor = tensor.is_cpu() ? kept_in_place(tensor, rows, lengths)
                               : tensor.index_select(0, index.to(tensor.device()));
  }
  lengths_ = std::move(lengths);
  replayed_.reset();
}

void RowCache::reserve(std::int64_t capacity) {
  if (capacity <= capacity_) return;
  c10::InferenceMode inference;
  for (auto* tensors : {&keys_, &values_}) {
    for (auto& tensor : *tensors) {
      auto shape = tensor.sizes().vec();
      shape[2] = capacity;
      auto larger = at::zeros(shape, tensor.options());
      larger.narrow(2, 0, capacity_).copy_(tensor);
      tensor = larger;
    }
  }
  capacity_ = capacity;
  replayed_.reset();
}

/// One token for each row, recorded for rows of up to `keys` tokens.
struct ReplayedStep {
  at::Tensor embeds;  // [R, d]
  at::Tensor places;  // [R] int64
  std::int64_t keys = 0;
  std::optional<CudaGraph> work;
};

struct Decoder::Impl {
  Impl(Checkpoint& checkpoint, const DecoderConfig& config)
      : config(config),
        device(checkpoint.placement().device),
        cache_type(device.is_cpu() ? at::kFloat : checkpoint.placement().compute),
        embeddings(checkpoint.rows("model.embed_tokens.weight", {config.vocab, config.hidden})),
        head(checkpoint.decoder_matrix(
                 config.tied_embeddings ? "model.embed_tokens.weight" : "lm_head.weight",
                 {config.vocab, config.hidden}),
             checkpoint.placement()),
        norm(load_rms_norm(checkpoint, "model.norm", config.hidden, config.norm_epsilon)),
        attention(config, checkpoint.placement()) {
    for (int i = 0; i < config.layers; ++i) layers.push_back(load_layer(checkpoint, config, i));
    replays = CudaGraph::possible(device) && cache_type == at::kBFloat16;
    for (auto& layer : layers) replays = replays && (!layer.experts || layer.experts->runs_ahead());
  }

  RowStep plan(const at::Tensor& embeds, std::int64_t prefix, const RowCache& rows,
               std::span<const std::int64_t> counts) const;
  LayerCache layer_cache(std::size_t layer, const PrefixCache& prefix, const RowCache& rows) const;
  template <typename Step>
  void run_layer(std::size_t index, at::Tensor& x, const Step& step, LayerCache& cache,
                 const Probe& probe) const;
  at::Tensor replay(const at::Tensor& embeds, RowCache& rows, std::int64_t longest) const;
  at::Tensor run_each(const ReplayedStep& step, const RowCache& rows) const;

  DecoderConfig config;
  at::Device device;
  at::ScalarType cache_type;
  at::Tensor embeddings;  // [vocab, d] as stored, or of the compute type
  Linear head;            // [vocab, d]
  RmsNorm norm;
  RowAttention attention;
  std::vector<Layer> layers;
  bool replays = false;  // steps of one token a row are recorded and replayed
};

Decoder::Decoder(Checkpoint& checkpoint, const ModelConfig& config) {
  c10::InferenceMode inference;
  impl_ = std::make_unique<Impl>(checkpoint, config.decoder);
}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;

const DecoderConfig& Decoder::config() const { return impl_->config; }
const at::Tensor& Decoder::embedding_table() const { return impl_->embeddings; }

at::Tensor Decoder::embed(const at::Tensor& ids) const {
  c10::InferenceMode inference;
  return at::embedding(impl_->embeddings, ids.to(impl_->device)).to(at::kFloat);
}

RowCache Decoder::make_rows(std::int64_t rows, std::int64_t capacity) const {
  c10::InferenceMode inference;
  auto& config = impl_->config;
  RowCache cache;
  cache.capacity_ = capacity;
  cache.lengths_.assign(rows, 0);
  auto options = at::TensorOptions().dtype(impl_->cache_type).device(impl_->device);
  for (int i = 0; i < config.layers; ++i) {
    for (auto* tensors : {&cache.keys_, &cache.values_})
      tensors->push_back(
          impl_->device.is_cpu()
              ? at::empty({rows, config.kv_heads, capacity, config.head_dim()}, options)
              // There, places are looked at that were never written.
              : at::zeros({rows, config.kv_heads, capacity, config.head_dim()}, options));
  }
  return cache;
}

RowCache Decoder::prefill_rows(const at::Tensor& embeds) const {
  c10::InferenceMode inference;
  auto rows = make_rows(embeds.size(0), embeds.size(1));
  forward_rows(embeds, {}, rows);
  return rows;
}

RowCache Decoder::make_rows_behind(const RowCache& prefixes, std::span<const std::int64_t> of,
                                   std::int64_t capacity) const {
  c10::InferenceMode inference;
  std::vector<std::int64_t> lengths;
  for (auto row : of) lengths.push_back(prefixes.lengths_.at(static_cast<std::size_t>(row)));
  const auto longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
  auto cache = make_rows(static_cast<std::int64_t>(of.size()), longest + capacity);
  cache.lengths_ = std::move(lengths);
  cache.changes_ = true;
  const auto index = at::tensor(at::IntArrayRef(of.data(), of.size()), at::kLong).to(impl_->device);
  const auto copy = [&](const std::vector<at::Tensor>& from, std::vector<at::Tensor>& to) {
    for (std::size_t i = 0; i < from.size(); ++i)
      to[i].narrow(2, 0, longest).copy_(from[i].narrow(2, 0, longest).index_select(0, index));
  };
  copy(prefixes.keys_, cache.keys_);
  copy(prefixes.values_, cache.values_);
  return cache;
}

PrefixCache Decoder::prefill(const at::Tensor& embeds) const {
  c10::InferenceMode inference;
  const auto rows = prefill_rows(embeds.unsqueeze(0));
  PrefixCache prefix;
  prefix.length = embeds.size(0);
  for (auto& keys : rows.keys_) prefix.keys.push_back(keys[0]);
  for (auto& values : rows.values_) prefix.values.push_back(values[0]);
  return prefix;
}

RowStep Decoder::Impl::plan(const at::Tensor& embeds, std::int64_t prefix, const RowCache& rows,
                            std::span<const std::int64_t> counts) const {
  if (static_cast<std::int64_t>(counts.size()) != rows.rows() ||
      std::any_of(counts.begin(), counts.end(), [](auto count) { return count < 0; }))
    invalid("expected a number of new tokens for each of " + std::to_string(rows.rows()) + " rows");
  RowStep step(prefix, rows.lengths(), {counts.begin(), counts.end()});
  if (embeds.dim() != 2 || embeds.size(0) != step.tokens() || embeds.size(1) != config.hidden)
    invalid("expected embeddings " + to_string(Shape{step.tokens(), config.hidden}) + ", got " +
            to_string(embeds.sizes().vec()));
  if (step.longest() > rows.capacity())
    invalid("a row of " + std::to_string(step.longest()) + " tokens does not fit its capacity of " +
            std::to_string(rows.capacity()));
  if (prefix + step.longest() > config.max_positions)
    invalid("a sequence of " + std::to_string(prefix + step.longest()) +
            " tokens does not fit the model's context of " + std::to_string(config.max_positions));
  return step;
}

LayerCache Decoder::Impl::layer_cache(std::size_t layer, const PrefixCache& prefix,
                                      const RowCache& rows) const {
  LayerCache cache{.prefix_keys = {}, .prefix_values = {}, .keys = rows.keys_[layer],
                   .values = rows.values_[layer]};
  if (prefix.length) {
    cache.prefix_keys = prefix.keys[layer];
    cache.prefix_values = prefix.values[layer];
  }
  return cache;
}

/// One layer on the residual stream `x` [N, d].
template <typename Step>
void Decoder::Impl::run_layer(std::size_t index, at::Tensor& x, const Step& step,
                              LayerCache& cache, const Probe& probe) const {
  auto& layer = layers[index];
  auto name = "layer" + std::to_string(index);
  Probe inner;
  if (probe) inner = [&](std::string_view what, const at::Tensor& value) {
    probe(name + "." + std::string(what), value);
  };
  auto qkv = layer.qkv.unrounded(layer.input_norm(x));
  auto attended = layer.out.unrounded(attention(qkv, step, cache));
  if (probe) inner("attn", attended);
  x.add_(attended);
  auto normed = layer.post_norm(x);
  auto fed = layer.experts ? (*layer.experts)(normed, inner) : (*layer.dense)(normed);
  if (layer.experts && probe) {
    inner("moe_in", normed);
    inner("moe_out", fed);
  }
  x.add_(fed);
  if (probe) probe(name, x);
}

at::Tensor Decoder::Impl::run_each(const ReplayedStep& step, const RowCache& rows) const {
  auto x = step.embeds.clone();  // [R, d]
  auto each = attention.one_token_each(step.places, step.keys, cache_type);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    auto cache = layer_cache(i, {}, rows);
    run_layer(i, x, each, cache, {});
  }
  return norm(x);
}

/// One more token for each row, `embeds` [R, d], as a recording. Returns [R, d].
at::Tensor Decoder::Impl::replay(const at::Tensor& embeds, RowCache& rows,
                                 std::int64_t longest) const {
  auto& replayed = rows.replayed_;
  auto lengths = at::tensor(rows.lengths(), at::kLong);
  if (!replayed || replayed->keys < longest) {
    replayed = std::make_shared<ReplayedStep>();
    replayed->embeds = embeds.to(at::TensorOptions(device).dtype(at::kFloat), false, /*copy=*/true);
    replayed->places = lengths.to(device);
    replayed->keys = std::min((longest + kKeysStep - 1) / kKeysStep * kKeysStep, rows.capacity());
    replayed->work.emplace(device, [&] { return run_each(*replayed, rows); });
  }
  replayed->embeds.copy_(embeds);
  replayed->places.copy_(lengths);
  return replayed->work->replay().clone();
}

at::Tensor Decoder::forward(const at::Tensor& embeds, const PrefixCache& prefix, RowCache& rows,
                            std::span<const std::int64_t> counts, const Probe& probe) const {
  c10::InferenceMode inference;
  auto step = impl_->plan(embeds, prefix.length, rows, counts);
  const bool one_each =
      std::all_of(counts.begin(), counts.end(), [](auto count) { return count == 1; });
  if (impl_->replays && !rows.changes_ && one_each && !prefix.length && !probe && step.tokens()) {
    auto hidden = impl_->replay(embeds, rows, step.longest());
    for (auto& length : rows.lengths_) ++length;
    return hidden;
  }
  auto x = embeds.to(at::TensorOptions(impl_->device).dtype(at::kFloat), false, /*copy=*/true)
               .contiguous();  // [N, d], the residual stream
  if (!step.tokens()) return x;
  for (std::size_t i = 0; i < impl_->layers.size(); ++i) {
    auto cache = impl_->layer_cache(i, prefix, rows);
    impl_->run_layer(i, x, step, cache, probe);
  }
  for (std::size_t row = 0; row < counts.size(); ++row) rows.lengths_[row] += counts[row];
  return impl_->norm(x);
}

at::Tensor Decoder::forward_rows(const at::Tensor& embeds, const PrefixCache& prefix,
                                 RowCache& rows, const Probe& probe) const {
  std::vector<std::int64_t> counts(embeds.size(0), embeds.size(1));
  return forward(embeds.flatten(0, 1), prefix, rows, counts, probe).view(embeds.sizes());
}

at::Tensor Decoder::logits(const at::Tensor& hidden) const {
  c10::InferenceMode inference;
  return impl_->head(hidden).to(at::kFloat);
}

RoughProduct Decoder::rough_logits(const at::Tensor& hidden) const {
  c10::InferenceMode inference;
  if (!impl_->config.tied_embeddings)
    return {logits(hidden), std::vector<float>(static_cast<std::size_t>(hidden.size(0)))};
  return impl_->head.product().roughly(hidden);
}

at::Tensor Decoder::logits_of(const at::Tensor& ids, const at::Tensor& hidden) const {
  c10::InferenceMode inference;
  return at::mv(impl_->embeddings.index_select(0, ids).to(at::kFloat), hidden);
}

}  // namespace fovea
