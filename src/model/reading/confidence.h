#pragma once

#include "fovea/codec.h"
#include "model/checkpoint/config.h"

namespace fovea {

/// How sure it is that a row was read without a slip, 0..1: logistic regression on the logarithms
/// of how unlikely the decoder and the glyph reader find the row, and of how dense the page is.
/// `cells_per_token`: cells of the page that one vision token stands for.
float confidence_of(const RowEvidence& evidence, float cells_per_token,
                    const ConfidenceConfig& weights);

}  // namespace fovea
