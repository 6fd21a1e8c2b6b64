#pragma once

#include <functional>
#include <string_view>

#include <ATen/core/Tensor.h>

namespace fovea {

/// Called with the inner values of a forward pass, for comparing with reference vectors. An empty
/// one costs nothing.
using Probe = std::function<void(std::string_view name, const at::Tensor& value)>;

}  // namespace fovea
