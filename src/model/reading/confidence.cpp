#include "model/reading/confidence.h"

#include <algorithm>
#include <cmath>

namespace fovea {
namespace {

/// What cannot be, whose logarithm is no number, is as unlikely as this.
constexpr float kLeast = -1000;

/// -log(probability) on a logarithmic scale: about -9 where nothing speaks against the row.
double doubt(float log_probability) {
  return std::log(1e-4 - (log_probability > kLeast ? std::min(log_probability, 0.0f) : kLeast));
}

}  // namespace

float confidence_of(const RowEvidence& evidence, float cells_per_token,
                    const ConfidenceConfig& weights) {
  const double score = weights.bias + weights.decoder * doubt(evidence.decoder) +
                       weights.weakest * doubt(evidence.weakest) +
                       weights.glyph_reader * doubt(evidence.glyph_reader) +
                       weights.cells_per_token * std::log(double(cells_per_token));
  return static_cast<float>(1 / (1 + std::exp(-score)));
}

}  // namespace fovea
