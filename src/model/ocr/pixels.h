#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "model/ocr/picture.h"

namespace fovea {

/// The view of a picture that a mode of DeepSeek-OCR makes: squashed up to 640 px, else padded.
Picture global_view(const Picture& picture, int base_size);

/// [height, width, 3] u8.
at::Tensor bytes_of(const Picture& picture);

/// Normalised model input of pictures of one size, float32 [B, 3, S, S].
at::Tensor pixels_of(const std::vector<Picture>& pictures);

}  // namespace fovea
