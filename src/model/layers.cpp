#include "model/layers.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/stack.h>

#include "model/kernels/int8_panels.h"
#include "model/operators/amx_product.h"
#include "model/operators/fused_operators.h"
#include "model/operators/recorded_step.h"
#include "model/operators/token_kernels.h"

namespace fovea {

Linear::Linear(const StoredMatrix& weight, const at::Tensor& bias)
    : in_(weight.in()), out_(weight.out()), type_(weight.compute()) {
  own_ = tiles_pay() && weight.on_cpu() && type_ == at::kFloat;
  if (own_ || weight.is_int8() || weight.is_mapped()) packed_.emplace(weight, bias);
  if (own_) return;
  bias_ = bias;
  if (weight.is_mapped()) {
    parts_ = weight.mapped;
  } else if (!weight.is_int8()) {
    parts_ = {weight.values.contiguous()};
  }
  amx_ = type_ == at::kBFloat16 && weight.on_cpu() && suits_amx(in_);
  if (amx_ && bias_.defined()) bias_ = bias_.to(at::kFloat).contiguous();
}

at::Tensor Linear::operator()(const at::Tensor& x) const { return multiply(x, type_); }
at::Tensor Linear::unrounded(const at::Tensor& x) const { return multiply(x, at::kFloat); }

at::Tensor Linear::multiply(const at::Tensor& x, at::ScalarType wanted) const {
  if (!packed_ || !(own_ || x.numel() <= kFewInputs * in_))
    return with_many_rows(x.to(type_), wanted);
  auto sizes = x.sizes().vec();
  sizes.back() = out_;
  return packed_->multiply(x.to(at::kFloat).reshape({-1, in_}).contiguous()).view(sizes);
}

/// `x`: [..., in] of the compute type.
at::Tensor Linear::with_many_rows(const at::Tensor& x, at::ScalarType wanted) const {
  const bool is_int8 = parts_.empty();
  const auto parts = is_int8 ? std::vector<at::Tensor>{packed_->dense(type_)} : parts_;
  if (amx_) return multiply_amx(parts, x, bias_, wanted);
  if (parts.size() == 1) return at::linear(x, parts[0], bias_);
  std::vector<at::Tensor> outs;
  for (auto& part : parts) outs.push_back(at::linear(x, part));
  auto y = at::cat(outs, -1);
  return bias_.defined() ? y.add_(bias_) : y;
}

Linear load_linear(Checkpoint& checkpoint, const std::string& name, std::int64_t out,
                   std::int64_t in) {
  auto weight = checkpoint.matrix(name + ".weight", {out, in});
  return Linear(weight, checkpoint.weight(name + ".bias", {out}));
}

namespace {

/// Grouped products want rows of whole 16 bytes.
bool suits_device_groups(const StoredMatrix& weight) {
  return RecordedStep::possible(weight.values.device()) && weight.compute() == at::kBFloat16 &&
         weight.in() % 8 == 0 && weight.out() % 8 == 0;
}

}  // namespace

GroupedLinear::GroupedLinear(const std::vector<StoredMatrix>& weights)
    : groups_(static_cast<std::int64_t>(weights.size())) {
  if (!weights[0].is_mapped() && suits_device_groups(weights[0])) {
    std::vector<at::Tensor> all;
    for (auto& weight : weights) all.push_back(weight.values);
    stacked_ = at::stack(all);
    return;
  }
  for (auto& weight : weights) maps_.emplace_back(weight);
  for (auto& map : maps_) {
    if (map.for_few_rows()) packed_.push_back(map.for_few_rows());
  }
}

bool GroupedLinear::all_at_once(std::int64_t rows) const {
  return !packed_.empty() && (maps_[0].packed() || rows <= kFewInputs * groups_);
}

at::Tensor GroupedLinear::operator()(const at::Tensor& x,
                                     std::span<const std::int64_t> begin) const {
  return multiply_groups(packed_, x.to(at::kFloat).contiguous(), begin);
}

at::Tensor GroupedLinear::operator()(const at::Tensor& x, const at::Tensor& ends) const {
  return multiply_device_groups(x.to(at::kBFloat16), stacked_, ends);
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x.to(at::kFloat), weight.sizes(), weight, bias, epsilon);
}

LayerNorm load_layer_norm(Checkpoint& checkpoint, const std::string& name, std::int64_t width,
                          double epsilon) {
  return {checkpoint.table(name + ".weight", {width}), checkpoint.table(name + ".bias", {width}),
          epsilon};
}

at::Tensor RmsNorm::operator()(const at::Tensor& x) const { return rms_norm(x, weight, epsilon); }

RmsNorm load_rms_norm(Checkpoint& checkpoint, const std::string& name, std::int64_t width,
                      double epsilon) {
  return {checkpoint.table(name + ".weight", {width}), epsilon};
}

at::Tensor GatedMlp::operator()(const at::Tensor& x) const {
  return down.unrounded(swiglu(gate_up(x)));
}

GatedMlp load_gated_mlp(Checkpoint& checkpoint, const std::string& name, std::int64_t hidden,
                        std::int64_t width) {
  return {Linear(load_gate_up(checkpoint, name, hidden, width)),
          Linear(checkpoint.decoder_matrix(name + ".down_proj.weight", {width, hidden}))};
}

StoredMatrix load_gate_up(Checkpoint& checkpoint, const std::string& name, std::int64_t hidden,
                          std::int64_t width) {
  return stacked({checkpoint.decoder_matrix(name + ".gate_proj.weight", {hidden, width}),
                  checkpoint.decoder_matrix(name + ".up_proj.weight", {hidden, width})});
}

}  // namespace fovea
