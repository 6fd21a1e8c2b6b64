#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/layers.h"
#include "model/probe.h"

namespace fovea {

/// Mixture-of-experts feed-forward: each token goes to its top-k routed experts and to the shared
/// one. Const and thread-safe after construction.
class Experts {
 public:
  /// Loads "<name>.gate", ".experts.E.*" and ".shared_experts.*".
  Experts(Checkpoint& checkpoint, const std::string& name, const DecoderConfig& config);

  /// `x`: [n, d] float32. Returns [n, d] float32. The probe sees router_probs [n, experts] and
  /// router_idx, router_weight [n, k], heaviest first.
  at::Tensor operator()(const at::Tensor& x, const Probe& probe) const;

  /// Whether it never waits for the GPU.
  bool runs_ahead() const { return gate_up_.takes_device_groups(); }

 private:
  /// Routed tokens in the order of their experts.
  struct Groups {
    at::Tensor token;                 ///< [n * k] the token of each place
    at::Tensor place;                 ///< [n, k] the place of each token's choices
    std::vector<std::int64_t> begin;  ///< [experts + 1] first place of each expert
  };
  Groups group(const at::Tensor& chosen) const;
  at::Tensor routed(const at::Tensor& x, const at::Tensor& chosen, const at::Tensor& weights) const;
  std::vector<at::Tensor> one_by_one(const at::Tensor& x, const Groups& groups) const;
  at::Tensor routed_on_device(const at::Tensor& x, const at::Tensor& chosen,
                              const at::Tensor& weights) const;

  std::int64_t per_token_;
  bool normalize_;
  double scale_;
  Linear gate_;                      // [experts, d] float32
  GroupedLinear gate_up_;            // an expert: d -> 2 * hidden
  GroupedLinear down_;               // an expert: hidden -> d
  at::Tensor numbers_;               // [experts] 0, 1, ... on the device
  std::optional<GatedMlp> shared_;
};

}  // namespace fovea
