#include "model/codec/page_tensors.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/round.h>

#include "model/operators/in_pieces.h"
#include "model/operators/to_vector.h"

namespace fovea {

at::Tensor to_pixels(std::span<const PagePixels> pages, int side, int channels, at::Device device) {
  const auto count = static_cast<std::int64_t>(pages.size());
  // A GPU fetches by itself what stands in pinned memory.
  const auto bytes = at::empty({count, 1, side, side},
                               at::TensorOptions(at::kByte).pinned_memory(!device.is_cpu()));
  in_pieces(count, 1, [&](std::int64_t i, std::int64_t) {
    const auto& pixels = pages[static_cast<std::size_t>(i)].pixels;
    std::ranges::copy(pixels, bytes.data_ptr<std::uint8_t>() + i * side * side);
  });
  const auto gray = (bytes.to(device, /*non_blocking=*/true).to(at::kFloat) / 255.0 - 0.5) / 0.5;
  return gray.expand({-1, channels, -1, -1});
}

void put_8_bits(const at::Tensor& values, std::span<VisionTokens> pages) {
  const auto scales = values.abs().amax(-1, /*keepdim=*/true).clamp_min(1e-8) / 127.0;
  const auto rounded = at::round(values / scales).to(at::kChar).cpu().contiguous();
  const auto on_cpu = scales.cpu().contiguous();  // [B, n, 1]
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto page = static_cast<std::int64_t>(i);
    pages[i].values = to_vector<std::int8_t>(rounded[page]);
    pages[i].scales = to_vector<float>(on_cpu[page]);
  }
}

at::Tensor from_8_bits(const VisionTokens& tokens) {
  const auto values = at::from_blob(const_cast<std::int8_t*>(tokens.values.data()),
                                    {tokens.count, tokens.dim}, at::kChar);
  const auto scales =
      at::from_blob(const_cast<float*>(tokens.scales.data()), {tokens.count, 1}, at::kFloat);
  return values.to(at::kFloat) * scales;  // [n, d]
}

}  // namespace fovea
