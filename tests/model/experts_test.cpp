// The mixture of experts against its definition in float64: every token by itself, expert by expert.
#include "tests/model/torch_and_doctest.h"

#include <unistd.h>

#include <limits>
#include <map>

#include <ATen/ATen.h>

#include "model/experts.h"
#include "tests/model/checkpoint_files.h"
#include "tests/model/thread_count.h"

namespace {

using namespace fovea;

constexpr int kWidth = 24, kHidden = 10, kExperts = 5;

/// Weights of one layer, as tensors and as a checkpoint's file.
class Layer {
 public:
  Layer(int shared, unsigned seed) : files_("experts_" + std::to_string(::getpid())) {
    at::manual_seed(seed);
    add("mlp.gate.weight", {kExperts, kWidth}, 1);
    for (int e = 0; e < kExperts; ++e) add_mlp("mlp.experts." + std::to_string(e), kHidden);
    if (shared) add_mlp("mlp.shared_experts", shared * kHidden);
    write();
  }

  Experts load(const DecoderConfig& config) const {
    Checkpoint checkpoint(files_.folder());
    return Experts(checkpoint, "mlp", config);
  }
  at::Tensor of(const std::string& name) const { return tensors_.at(name).to(at::kDouble); }
  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// The router's weight for one expert; written again.
  void set_router(int expert, float value) {
    tensors_.at("mlp.gate.weight")[expert].fill_(value);
    write();
  }

 private:
  void add(const std::string& name, const std::vector<std::int64_t>& shape, double scale) {
    tensors_[name] = at::randn(shape) * scale;
  }
  void add_mlp(const std::string& name, int hidden) {
    add(name + ".gate_proj.weight", {hidden, kWidth}, 0.3);
    add(name + ".up_proj.weight", {hidden, kWidth}, 0.3);
    add(name + ".down_proj.weight", {kWidth, hidden}, 0.3);
  }
  void write() const {
    nlohmann::json header;
    std::string data;
    for (const auto& [name, tensor] : tensors_) {
      const auto begin = static_cast<int>(data.size());
      data.append(reinterpret_cast<const char*>(tensor.data_ptr<float>()), tensor.nbytes());
      header[name] = CheckpointFiles::entry(
          "F32", {static_cast<int>(tensor.size(0)), static_cast<int>(tensor.size(1))}, begin,
          static_cast<int>(data.size()));
    }
    files_.write("model.safetensors", CheckpointFiles::packed(header.dump(), data));
  }

  std::map<std::string, at::Tensor> tensors_;
  CheckpointFiles files_;
};

DecoderConfig config_of(int per_token, int shared) {
  DecoderConfig config;
  config.hidden = kWidth;
  config.experts = kExperts;
  config.experts_per_token = per_token;
  config.expert_intermediate = kHidden;
  config.shared_experts = shared;
  return config;
}

/// `x`: [d] float64.
at::Tensor answer_of(const Layer& layer, const std::string& name, const at::Tensor& x) {
  const auto gate = layer.of(name + ".gate_proj.weight").matmul(x);
  const auto up = layer.of(name + ".up_proj.weight").matmul(x);
  return layer.of(name + ".down_proj.weight").matmul(at::silu(gate) * up);
}

/// What the layer makes of a token, by definition.
at::Tensor expected_of(const Layer& layer, const DecoderConfig& config, const at::Tensor& token) {
  const auto x = token.to(at::kDouble);
  const auto probabilities = at::softmax(layer.of("mlp.gate.weight").matmul(x), 0);
  const auto [weights, chosen] = probabilities.topk(config.experts_per_token);
  const bool normalised = config.normalize_top_k && config.experts_per_token > 1;
  const double scale = normalised ? 1 / weights.sum().item<double>() : config.routed_scale;
  auto sum = at::zeros({kWidth}, at::kDouble);
  for (std::int64_t i = 0; i < config.experts_per_token; ++i)
    sum += weights[i] * scale *
           answer_of(layer, "mlp.experts." + std::to_string(chosen[i].item<std::int64_t>()), x);
  if (layer.has("mlp.shared_experts.up_proj.weight"))
    sum += answer_of(layer, "mlp.shared_experts", x);
  return sum;
}

void check_all(const Layer& layer, const DecoderConfig& config, const at::Tensor& tokens) {
  const auto found = layer.load(config)(tokens, {});
  REQUIRE(found.sizes() == tokens.sizes());
  for (std::int64_t i = 0; i < tokens.size(0); ++i) {
    const auto expected = expected_of(layer, config, tokens[i]);
    const auto off = (found[i].to(at::kDouble) - expected).abs().max().item<double>();
    CHECK(off < 1e-5 + 3e-6 * expected.abs().max().item<double>());
  }
}

}  // namespace

TEST_CASE("experts: of any number of tokens each is the sum of its experts and the shared one") {
  for (const int shared : {0, 1, 2}) {
    const Layer layer(shared, 1);
    for (const std::int64_t tokens : {0, 1, 2, 7, 130}) {
      CAPTURE(shared);
      CAPTURE(tokens);
      check_all(layer, config_of(2, shared), at::randn({tokens, kWidth}));
    }
  }
}

TEST_CASE("experts: one a token, some, or all of them; normalised, scaled, or as they are") {
  const Layer layer(1, 2);
  const auto tokens = at::randn({9, kWidth});
  for (const int per_token : {1, 3, kExperts}) {
    for (const bool normalised : {false, true}) {
      for (const double scale : {1.0, 2.5}) {
        CAPTURE(per_token);
        CAPTURE(normalised);
        auto config = config_of(per_token, 1);
        config.normalize_top_k = normalised;
        config.routed_scale = scale;
        check_all(layer, config, tokens);
      }
    }
  }
}

TEST_CASE("experts: all tokens may want the same ones, and leave others without any") {
  Layer layer(0, 3);
  const auto tokens = at::rand({50, kWidth}) + 0.1;
  layer.set_router(3, 4);
  layer.set_router(0, 3);
  for (const int per_token : {1, 2}) check_all(layer, config_of(per_token, 0), tokens);
}

TEST_CASE("experts: the probe sees whom a token went to, the heaviest first") {
  const Layer layer(1, 4);
  const auto tokens = at::randn({6, kWidth});
  std::map<std::string, at::Tensor, std::less<>> seen;
  layer.load(config_of(3, 1))(tokens, [&](std::string_view name, const at::Tensor& value) {
    seen[std::string(name)] = value;
  });
  REQUIRE(seen.size() == 3);
  const auto probabilities = seen.at("router_probs");
  CHECK(probabilities.sizes() == at::IntArrayRef({6, kExperts}));
  CHECK((probabilities.sum(1) - 1).abs().max().item<float>() < 1e-6f);
  const auto [weights, chosen] = probabilities.topk(3, -1);
  CHECK(at::equal(seen.at("router_idx"), chosen));
  CHECK(at::equal(seen.at("router_weight"), weights));
}

TEST_CASE("experts: a token that is not finite spoils no other, wherever it goes") {
  const Layer layer(1, 5);
  const auto experts = layer.load(config_of(2, 1));
  const auto tokens = at::randn({20, kWidth});
  const auto expected = experts(tokens, {});
  for (const float odd :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto spoilt = tokens.clone();
    spoilt[7].fill_(odd);
    const auto found = experts(spoilt, {});
    for (std::int64_t i = 0; i < 20; ++i)
      if (i != 7) CHECK((found[i] - expected[i]).abs().max().item<float>() < 1e-6f);
  }
}

TEST_CASE("experts: the same bits on any number of threads, and from many at once") {
  const Layer layer(1, 6);
  const auto experts = layer.load(config_of(2, 1));
  const auto tokens = at::randn({70, kWidth});
  at::Tensor expected;
  {
    const ThreadCount one(1);
    expected = experts(tokens, {});
  }
  for (const int threads : {2, 4}) {
    const ThreadCount count(threads);
    CHECK(at::equal(experts(tokens, {}), expected));
  }
  CHECK(holds_on_threads(4, 3, [&] { return at::equal(experts(tokens, {}), expected); }));
}
