#include "model/experts.h"

#include <tuple>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/softmax.h>

#include "model/operators/in_pieces.h"
#include "model/operators/token_kernels.h"

namespace fovea {
namespace {

std::string expert_name(const std::string& name, int expert) {
  return name + ".experts." + std::to_string(expert);
}

GroupedLinear load_all_gate_up(Checkpoint& checkpoint, const std::string& name,
                               const DecoderConfig& config) {
  std::vector<StoredMatrix> weights;
  for (int e = 0; e < config.experts; ++e)
    weights.push_back(load_gate_up(checkpoint, expert_name(name, e), config.expert_intermediate,
                                   config.hidden));
  return GroupedLinear(weights, checkpoint.placement());
}

GroupedLinear load_all_down(Checkpoint& checkpoint, const std::string& name,
                            const DecoderConfig& config) {
  std::vector<StoredMatrix> weights;
  for (int e = 0; e < config.experts; ++e)
    weights.push_back(checkpoint.decoder_matrix(expert_name(name, e) + ".down_proj.weight",
                                        {config.hidden, config.expert_intermediate}));
  return GroupedLinear(weights, checkpoint.placement());
}

}  // namespace

Experts::Experts(Checkpoint& checkpoint, const std::string& name, const DecoderConfig& config)
    : per_token_(config.experts_per_token),
      normalize_(config.normalize_top_k),
      scale_(config.routed_scale),
      gate_({checkpoint.table(name + ".gate.weight", {config.experts, config.hidden}), {}},
            checkpoint.placement()),
      gate_up_(load_all_gate_up(checkpoint, name, config)),
      down_(load_all_down(checkpoint, name, config)),
      numbers_(at::arange(config.experts, at::TensorOptions(at::kLong).device(gate_.device()))) {
  if (config.shared_experts)
    shared_ = load_gated_mlp(checkpoint, name + ".shared_experts",
                             config.shared_experts * config.expert_intermediate, config.hidden);
}

at::Tensor Experts::operator()(const at::Tensor& x, const Probe& probe) const {
  auto probs = at::softmax(gate_(x), -1);  // [n, experts] float32
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
  auto out = runs_ahead() ? routed_on_device(x, chosen, weights) : routed(x, chosen, weights);
  return shared_ ? out.add_((*shared_)(x)) : out;
}

/// Counting sort of the choices by expert. `chosen`: [n, k].
Experts::Groups Experts::group(const at::Tensor& chosen) const {
  auto on_cpu = chosen.to(at::kCPU).contiguous();
  auto* expert = on_cpu.data_ptr<std::int64_t>();
  auto count = on_cpu.numel(), k = chosen.size(1);
  Groups groups{at::empty({count}, on_cpu.options()), at::empty(chosen.sizes(), on_cpu.options()),
                std::vector<std::int64_t>(gate_up_.groups() + 1)};
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
  const auto groups = group(chosen);
  if (!gate_up_.all_at_once(groups.token.size(0)))
    return weighted_sums(one_by_one(x, groups), groups.place, weights);
  const auto input = x.index_select(0, groups.token);  // [n * k, d]
  const auto output = down_(swiglu(gate_up_(input, groups.begin)), groups.begin);
  return weighted_sums({output}, groups.place, weights);
}

/// The experts' outputs for many tokens, in the order of the places: what is between an expert's
/// products stays small.
std::vector<at::Tensor> Experts::one_by_one(const at::Tensor& x, const Groups& groups) const {
  const auto input = x.to(gate_up_[0].type());
  std::vector<at::Tensor> outputs(gate_up_.groups());
  auto run = [&](std::int64_t begin, std::int64_t end) {
    for (auto e = begin; e < end; ++e) {
      const auto first = groups.begin[e], count = groups.begin[e + 1] - first;
      const auto some = input.index_select(0, groups.token.narrow(0, first, count));
      outputs[e] = down_[e].unrounded(swiglu(gate_up_[e](some))).to(at::kFloat);
    }
  };
  // A CPU's threads take whole experts: they wait for each other once, not after every product.
  x.is_cpu() ? in_pieces(gate_up_.groups(), 1, run) : run(0, gate_up_.groups());
  return outputs;
}

/// The same without asking the GPU how many tokens each expert got.
at::Tensor Experts::routed_on_device(const at::Tensor& x, const at::Tensor& chosen,
                                     const at::Tensor& weights) const {
  auto [expert, order] = chosen.flatten().sort();  // [n * k], order = the choice at each place
  auto ends = at::searchsorted(expert, numbers_, /*out_int32=*/true, /*right=*/true);
  auto token = at::div(order, per_token_, "floor");
  auto input = x.to(at::kBFloat16).index_select(0, token);  // [n * k, d]
  auto output = down_(swiglu(gate_up_(input, ends)), ends);
  auto place = at::empty_like(order).scatter_(0, order, at::arange(order.size(0), order.options()));
  auto by_token = output.index_select(0, place).view({x.size(0), per_token_, x.size(1)});
  return at::bmm(weights.unsqueeze(1).to(at::kBFloat16), by_token).squeeze(1).to(at::kFloat);
}

}  // namespace fovea
