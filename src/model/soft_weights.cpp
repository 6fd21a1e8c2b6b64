#include "model/soft_weights.h"

#include "model/exponential.h"
#include "model/wide.h"

namespace fovea {

FOVEA_WIDE float soft_weights(float* scores, std::int64_t n, float scale) {
  float top = scores[0];
#pragma omp simd reduction(max : top)
  for (std::int64_t i = 0; i < n; ++i) top = scores[i] > top ? scores[i] : top;
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < n; ++i) {
    scores[i] = exponential((scores[i] - top) * scale);
    sum += scores[i];
  }
  return sum;
}

}  // namespace fovea
