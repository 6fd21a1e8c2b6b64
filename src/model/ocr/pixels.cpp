#include "model/ocr/pixels.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/stack.h>

namespace fovea {

Picture global_view(const Picture& picture, int base_size) {
  return base_size <= kTileSide ? resize_bicubic(picture, base_size, base_size)
                                : pad_to_square(picture, base_size);
}

at::Tensor bytes_of(const Picture& picture) {
  auto* bytes = const_cast<std::uint8_t*>(picture.rgb.data());
  return at::from_blob(bytes, {picture.height, picture.width, 3}, at::kByte).clone();
}

at::Tensor pixels_of(const std::vector<Picture>& pictures) {
  std::vector<at::Tensor> planes;
  for (auto& picture : pictures) planes.push_back(bytes_of(picture).permute({2, 0, 1}));
  return at::stack(planes).to(at::kFloat).div_(255).sub_(0.5).div_(0.5);
}

}  // namespace fovea
