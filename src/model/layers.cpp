#include "model/layers.h"

#include <ATen/ATen.h>

namespace fovea {

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return at::linear(x.to(weight.scalar_type()), weight, bias);
}

Linear load_linear(Checkpoint& checkpoint, const std::string& name, std::int64_t out,
                   std::int64_t in) {
  return {checkpoint.weight(name + ".weight", {out, in}), checkpoint.weight(name + ".bias", {out})};
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
  return {{checkpoint.stacked_weight({name + ".gate_proj.weight", name + ".up_proj.weight"},
                                     {hidden, width}),
           {}},
          {checkpoint.weight(name + ".down_proj.weight", {width, hidden}), {}}};
}

}  // namespace fovea
