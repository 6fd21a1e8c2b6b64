#include "model/layers.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/stack.h>

#include "model/kernels/int8_panels.h"
#include "model/operators/fused_operators.h"
#include "model/operators/cuda_graph.h"
#include "model/operators/token_kernels.h"

namespace fovea {

Linear::Linear(const StoredMatrix& weight, const at::Tensor& bias, const Placement& placement)
    : in_(weight.in()),
      out_(weight.out()),
      device_(weight.on_cpu() ? at::kCPU : weight.values.device()),
      type_(weight.compute()),
      product_(make_product(weight, bias, placement)) {}

Linear load_linear(Checkpoint& checkpoint, const std::string& name, std::int64_t out,
                   std::int64_t in) {
  auto weight = checkpoint.matrix(name + ".weight", {out, in});
  return Linear(weight, checkpoint.weight(name + ".bias", {out}), checkpoint.placement());
}

namespace {

/// Grouped products want rows of whole 16 bytes.
bool suits_device_groups(const StoredMatrix& weight) {
  return CudaGraph::possible(weight.values.device()) && weight.compute() == at::kBFloat16 &&
         weight.in() % 8 == 0 && weight.out() % 8 == 0;
}

}  // namespace

GroupedLinear::GroupedLinear(const std::vector<StoredMatrix>& weights, const Placement& placement)
    : groups_(static_cast<std::int64_t>(weights.size())),
      own_pieces_(placement.threads_own_pieces()) {
  if (!weights[0].is_mapped() && suits_device_groups(weights[0])) {
    std::vector<at::Tensor> all;
    for (auto& weight : weights) all.push_back(weight.values);
    stacked_ = at::stack(all);
    return;
  }
  for (auto& weight : weights) maps_.emplace_back(weight, placement);
  for (auto& map : maps_) {
    if (const PackedMatrix* panels = map.product().panels()) panels_.push_back(panels);
  }
}

bool GroupedLinear::all_at_once(std::int64_t rows) const {
  return !panels_.empty() && (own_pieces_ || rows <= kFewInputs * groups_);
}

at::Tensor GroupedLinear::operator()(const at::Tensor& x,
                                     std::span<const std::int64_t> begin) const {
  return multiply_groups(panels_, x.to(at::kFloat).contiguous(), begin);
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
  const auto down = checkpoint.decoder_matrix(name + ".down_proj.weight", {width, hidden});
  return {Linear(load_gate_up(checkpoint, name, hidden, width), checkpoint.placement()),
          Linear(down, checkpoint.placement())};
}

StoredMatrix load_gate_up(Checkpoint& checkpoint, const std::string& name, std::int64_t hidden,
                          std::int64_t width) {
  return stacked({checkpoint.decoder_matrix(name + ".gate_proj.weight", {hidden, width}),
                  checkpoint.decoder_matrix(name + ".up_proj.weight", {hidden, width})});
}

}  // namespace fovea
