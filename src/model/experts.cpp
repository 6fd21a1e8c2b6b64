#include "model/experts.h"

#include <tuple>

#include <ATen/ATen.h>

namespace fovea {

Experts::Experts(Checkpoint& checkpoint, const std::string& name, const DecoderConfig& config)
    : per_token_(config.experts_per_token),
      normalize_(config.normalize_top_k),
      scale_(config.routed_scale),
      gate_(checkpoint.table(name + ".gate.weight", {config.experts, config.hidden})) {
  auto hidden = config.expert_intermediate, width = config.hidden;
  for (int e = 0; e < config.experts; ++e) {
    auto mlp = load_gated_mlp(checkpoint, name + ".experts." + std::to_string(e), hidden, width);
    gate_up_.push_back(mlp.gate_up.weight.t());
    down_.push_back(mlp.down.weight.t());
  }
  if (config.shared_experts)
    shared_ = load_gated_mlp(checkpoint, name + ".shared_experts",
                             config.shared_experts * hidden, width);
}

at::Tensor Experts::operator()(const at::Tensor& x, const Probe& probe) const {
  auto probs = at::softmax(at::mm(x, gate_.t()), -1);  // [n, experts] float32
  auto [weights, chosen] = probs.topk(per_token_, -1);
  if (normalize_ && per_token_ > 1) {
    weights = weights / (weights.sum(-1, /*keepdim=*/true) + 1e-20);
  } else if (scale_ != 1.0) {
    weights = weights * scale_;
  }
  if (probe) {
    probe("router_probs", probs);
    probe("router_idx", chosen);
    probe("router_weight", weights);
  }
  auto out = routed(x, chosen, weights);
  return shared_ ? out.add_((*shared_)(x)) : out;
}

/// Counting sort of the choices by expert. `chosen`: [n, k].
Experts::Groups Experts::group(const at::Tensor& chosen) const {
  auto on_cpu = chosen.to(at::kCPU).contiguous();
  auto* expert = on_cpu.data_ptr<std::int64_t>();
  auto count = on_cpu.numel(), k = chosen.size(1);
  Groups groups{at::empty({count}, on_cpu.options()), at::empty({count}, on_cpu.options()),
                std::vector<std::int64_t>(gate_up_.size() + 1)};
  for (std::int64_t i = 0; i < count; ++i) ++groups.begin[expert[i] + 1];
  for (std::size_t e = 1; e < groups.begin.size(); ++e) groups.begin[e] += groups.begin[e - 1];
  auto next = groups.begin;
  auto* token = groups.token.data_ptr<std::int64_t>();
  auto* place = groups.place.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < count; ++i) {
    place[i] = next[expert[i]]++;
    token[place[i]] = i / k;
  }
  groups.token = groups.token.to(chosen.device());
  groups.place = groups.place.to(chosen.device());
  return groups;
}

at::Tensor Experts::routed(const at::Tensor& x, const at::Tensor& chosen,
                           const at::Tensor& weights) const {
  auto groups = group(chosen);
  auto input = x.to(gate_up_[0].scalar_type()).index_select(0, groups.token);  // [n * k, d]
  auto hidden = at::empty({input.size(0), gate_up_[0].size(1)}, input.options());
  auto output = at::empty_like(input);
  auto multiply = [&](const at::Tensor& from, const std::vector<at::Tensor>& expert_weights,
                      at::Tensor& to) {
    for (std::size_t e = 0; e < expert_weights.size(); ++e) {
      auto first = groups.begin[e], count = groups.begin[e + 1] - first;
      if (!count) continue;
      auto rows = to.narrow(0, first, count);
      at::mm_out(rows, from.narrow(0, first, count), expert_weights[e]);
    }
  };
  multiply(input, gate_up_, hidden);
  multiply(gated(hidden), down_, output);
  auto by_token = output.index_select(0, groups.place).view({x.size(0), per_token_, x.size(1)});
  return at::bmm(weights.unsqueeze(1), by_token.to(at::kFloat)).squeeze(1);
}

}  // namespace fovea
