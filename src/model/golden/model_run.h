#pragma once

#include <map>
#include <memory>
#include <string>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include "model/loaded_model.h"
#include "model/ocr/sequence.h"

namespace fovea::golden {

/// The model of a golden folder and the ids that its cases use.
struct Model : LoadedModel {
  Model(const std::string& folder, const Placement& placement);

  nlohmann::json cases;  ///< cases.json
};

/// A value of a run, and the first of the two dimensions that a "_sN" in a name thins out.
struct Value {
  at::Tensor tensor;
  int spatial = 0;
};

/// Everything one case gives, by the name it has after the case's.
struct Run {
  std::map<std::string, Value> values;
  Prompt prompt;
  at::Tensor image_embeds;  ///< [image tokens, d]
  int columns = 1, rows = 1;
};

/// Runs picture, encoder, prompt, decoder and greedy decoding of a case.
Run run_case(const Model& model, const nlohmann::json& spec);

/// Logits of a prompt, [N, vocab].
at::Tensor prompt_logits(const Decoder& decoder, const at::Tensor& embeds, const Probe& probe = {});

}  // namespace fovea::golden
