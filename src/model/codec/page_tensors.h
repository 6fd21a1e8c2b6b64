#pragma once

#include <span>

#include <ATen/core/Tensor.h>

#include "fovea/codec.h"

namespace fovea {

/// `pages`: of one side. Returns [B, channels, side, side] float32 in -1..1.
at::Tensor to_pixels(std::span<const PagePixels> pages, int side, int channels, at::Device device);

/// Puts `values`, [B, n, d] float32, into the pages' tokens with 8 bits each.
void put_8_bits(const at::Tensor& values, std::span<VisionTokens> pages);

/// And back: [n, d] float32 on the CPU.
at::Tensor from_8_bits(const VisionTokens& tokens);

}  // namespace fovea
