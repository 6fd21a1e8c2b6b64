#pragma once

#include "fovea/level.h"
#include "model/checkpoint/config.h"

namespace fovea {

/// How pages must be laid out for a checkpoint: without line reading it reads documents.
inline Layout layout_of(const ModelConfig& config) {
  return config.page_reading ? Layout::cells : Layout::document;
}

}  // namespace fovea
