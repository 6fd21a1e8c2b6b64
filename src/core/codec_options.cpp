#include "fovea/codec_options.h"

#include "fovea/error.h"

namespace fovea {

std::string_view name_of(Precision precision) {
  switch (precision) {
    case Precision::bf16: return "bf16";
    case Precision::fp32: return "fp32";
    case Precision::automatic: break;
  }
  return "auto";
}

Precision precision_from_name(std::string_view name) {
  for (const auto precision : {Precision::automatic, Precision::bf16, Precision::fp32}) {
    if (name_of(precision) == name) return precision;
  }
  throw Error(ErrorCode::invalid_argument,
              "unknown precision \"" + std::string(name) + "\"; expected auto, bf16 or fp32");
}

std::string_view name_of(Weights weights) { return weights == Weights::int8 ? "int8" : "stored"; }

Weights weights_from_name(std::string_view name) {
  for (const auto weights : {Weights::stored, Weights::int8}) {
    if (name_of(weights) == name) return weights;
  }
  throw Error(ErrorCode::invalid_argument,
              "unknown weights \"" + std::string(name) + "\"; expected stored or int8");
}

}  // namespace fovea
