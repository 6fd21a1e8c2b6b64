#pragma once

#include <functional>
#include <string>

#include <ATen/core/Tensor.h>

#include "model/golden/report.h"
#include "model/golden/tolerance.h"

namespace fovea::golden {

/// Compares by the rule and reports the largest difference. `router_probs`: the probabilities that
/// a choice of experts was made from, [n, experts]; asked for by Rule::experts only.
void compare(Report& report, const std::string& name, const Tolerance& tolerance,
             const at::Tensor& expected, const at::Tensor& actual,
             const std::function<at::Tensor()>& router_probs);

}  // namespace fovea::golden
