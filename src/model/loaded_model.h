#pragma once

#include <optional>
#include <string>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/tokenizer/tokenizer.h"

namespace fovea {

/// A checkpoint folder's model: whoever uses one loads it here, the parts that are needed, in any
/// order. Not thread-safe while loading; the parts are const and thread-safe afterwards.
struct LoadedModel {
  /// Reads config.json and opens the weights. Throws Error(not_found | io | corruption).
  LoadedModel(const std::string& folder, const Placement& placement);
  LoadedModel(const LoadedModel&) = delete;

  bool has_tokenizer_file() const;
  /// Throws Error(corruption) when tokenizer.json is damaged or another model's.
  void load_tokenizer();
  void load_encoder();
  void load_decoder();
  /// Closes the weights. Throws Error(corruption) when tensors are left that no part has taken.
  void finish();

  std::string folder;
  Placement placement;
  ModelConfig config;
  std::optional<Checkpoint> checkpoint;  ///< until finish(), for what else is taken from it
  std::optional<Tokenizer> tokenizer;
  std::optional<DeepEncoder> encoder;
  std::optional<Decoder> decoder;
};

/// Reads config.json. Throws Error(not_found) without the folder, Error(io | corruption).
ModelConfig read_model_config(const std::string& folder);

}  // namespace fovea
