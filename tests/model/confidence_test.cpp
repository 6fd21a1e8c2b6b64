#include "model/reading/confidence.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace fovea;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

constexpr ConfidenceConfig kFitted{.bias = 0.42,
                                   .decoder = -1.59,
                                   .weakest = -0.36,
                                   .glyph_reader = -0.14,
                                   .cells_per_token = -0.06};

}  // namespace

TEST_CASE("confidence: it is the logistic function of the weighed doubts") {
  const RowEvidence evidence{.decoder = -0.5f, .weakest = -0.25f, .glyph_reader = -2};
  const double score = 0.42 - 1.59 * std::log(0.5001) - 0.36 * std::log(0.2501) -
                       0.14 * std::log(2.0001) - 0.06 * std::log(88.0);
  CHECK(confidence_of(evidence, 88, kFitted) == doctest::Approx(1 / (1 + std::exp(-score))));
}

TEST_CASE("confidence: the more speaks against a row, the less sure it is") {
  for (float RowEvidence::*signal :
       {&RowEvidence::decoder, &RowEvidence::weakest, &RowEvidence::glyph_reader}) {
    float before = 1;
    for (const float log_probability : {0.0f, -1e-5f, -0.01f, -1.0f, -30.0f, -999.0f}) {
      RowEvidence evidence;
      evidence.*signal = log_probability;
      const float now = confidence_of(evidence, 88, kFitted);
      CHECK(now >= 0);
      CHECK(now <= before);
      before = now;
    }
  }
  RowEvidence row;
  for (const float log_probability : {-0.1f, -2.0f, -0.5f}) row.add(log_probability);
  CHECK(row.decoder == doctest::Approx(-2.6));
  CHECK(row.weakest == -2.0f);
}

TEST_CASE("confidence: what cannot be, or is no number, is no reason to believe a row") {
  for (const ConfidenceConfig& weights : {kFitted, ConfidenceConfig{}}) {
    for (const float odd : {-kInfinity, kNan, -1e30f}) {
      CAPTURE(odd);
      const float found =
          confidence_of({.decoder = odd, .weakest = odd, .glyph_reader = odd}, 88, weights);
      CHECK(found >= 0);
      CHECK(found < 0.01f);
    }
    const float sure = confidence_of({.decoder = 1e-6f}, 88, weights);
    CHECK(sure == confidence_of({}, 88, weights));
    CHECK(sure > 0.99f);
  }
}

TEST_CASE("confidence: without fitted weights the decoder is believed") {
  for (const float log_probability : {-0.05f, -0.5f, -3.0f}) {
    const RowEvidence evidence{.decoder = log_probability, .weakest = -5, .glyph_reader = -9};
    CHECK(confidence_of(evidence, 88, {}) ==
          doctest::Approx(1 / (1 + 1e-4 - double{log_probability})));
  }
}
