#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/level.h"

namespace fovea {

/// A checkpoint folder as it lies on the disk, and everything about it that does not fit.
struct CheckpointReport {
  struct Tensor {
    std::string name, type, file;
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = 0;
  };
  std::string name;
  std::vector<Tensor> tensors;  ///< by name
  std::uint64_t parameters = 0, tensor_bytes = 0, file_bytes = 0;
  int files = 0;
  bool has_tokenizer = false;
  std::string fingerprint;           ///< empty when there are misfits
  std::vector<std::string> misfits;  ///< each names file, tensor, what was expected and found
};

/// Looks at config.json, the headers of the tensor files and tokenizer.json, without loading
/// weights; only the fingerprint, where all fits, reads the files through.
/// Throws Error(not_found) without a folder, Error(corruption) for a config.json that is damaged.
CheckpointReport inspect_checkpoint(const std::string& folder);

/// How pages must be laid out for a checkpoint, as Codec::layout says: reads its config.json alone.
/// Throws Error(not_found | corruption).
Layout layout_of_checkpoint(const std::string& folder);

}  // namespace fovea
