#include "model/layers.h"

#include <ATen/ATen.h>

namespace fovea {

namespace {

bool packs(const StoredMatrix& weight) {
  if (weight.is_mapped()) return true;
  const auto& values = weight.values;
  return tiles_pay() && values.is_cpu() && (weight.is_int8() || values.scalar_type() == at::kFloat);
}

}  // namespace

Linear::Linear(const StoredMatrix& weight, const at::Tensor& bias)
    : in_(weight.in()), out_(weight.out()) {
  if (packs(weight)) {
    packed_.emplace(weight, bias);
  } else {
    weight_ = weight.dense();
    bias_ = bias;
  }
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  if (!packed_) return at::linear(x.to(weight_.scalar_type()), weight_, bias_);
  auto sizes = x.sizes().vec();
  sizes.back() = out_;
  return packed_->multiply(x.to(at::kFloat).reshape({-1, in_}).contiguous()).view(sizes);
}

Linear load_linear(Checkpoint& checkpoint, const std::string& name, std::int64_t out,
                   std::int64_t in) {
  auto weight = checkpoint.matrix(name + ".weight", {out, in});
  return Linear(weight, checkpoint.weight(name + ".bias", {out}));
}

GroupedLinear::GroupedLinear(const std::vector<StoredMatrix>& weights) {
  for (auto& weight : weights) {
    if (packs(weight)) {
      packed_.emplace_back(weight);
    } else {
      weights_.push_back(weight.dense().t());
    }
  }
}

at::Tensor GroupedLinear::operator()(const at::Tensor& x,
                                     std::span<const std::int64_t> begin) const {
  if (!packed_.empty()) return multiply_groups(packed_, x.to(at::kFloat).contiguous(), begin);
  auto input = x.to(weights_[0].scalar_type());
  auto out = at::empty({x.size(0), weights_[0].size(1)}, input.options());
  for (std::size_t g = 0; g < weights_.size(); ++g) {
    auto count = begin[g + 1] - begin[g];
    if (!count) continue;
    auto rows = out.narrow(0, begin[g], count);
    at::mm_out(rows, input.narrow(0, begin[g], count), weights_[g]);
  }
  return out;
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x.to(at::kFloat), weight.sizes(), weight, bias, epsilon);
}

LayerNorm load_layer_norm(Checkpoint& checkpoint, const std::string& name, std::int64_t width,
                          double epsilon) {
  return {checkpoint.table(name + ".weight", {width}), checkpoint.table(name + ".bias", {width}),
          epsilon};
}

at::Tensor RmsNorm::operator()(const at::Tensor& x) const {
  auto scale = x.square().mean(-1, /*keepdim=*/true).add_(epsilon).rsqrt_();
  return (x * scale).mul_(weight);
}

RmsNorm load_rms_norm(Checkpoint& checkpoint, const std::string& name, std::int64_t width,
                      double epsilon) {
  return {checkpoint.table(name + ".weight", {width}), epsilon};
}

at::Tensor gated(const at::Tensor& gate_up) {
  auto hidden = gate_up.size(-1) / 2;
  return at::silu(gate_up.narrow(-1, 0, hidden)).mul_(gate_up.narrow(-1, hidden, hidden));
}

at::Tensor GatedMlp::operator()(const at::Tensor& x) const { return down(gated(gate_up(x))); }

GatedMlp load_gated_mlp(Checkpoint& checkpoint, const std::string& name, std::int64_t hidden,
                        std::int64_t width) {
  return {Linear(load_gate_up(checkpoint, name, hidden, width)),
          Linear(checkpoint.matrix(name + ".down_proj.weight", {width, hidden}))};
}

StoredMatrix load_gate_up(Checkpoint& checkpoint, const std::string& name, std::int64_t hidden,
                          std::int64_t width) {
  return stacked({checkpoint.matrix(name + ".gate_proj.weight", {hidden, width}),
                  checkpoint.matrix(name + ".up_proj.weight", {hidden, width})});
}

}  // namespace fovea
