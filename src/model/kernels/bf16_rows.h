#pragma once

#include <cstdint>

namespace fovea {

/// Products with bfloat16 rows that stay as they lie in a file: [out] pointers to `in` values each.
using Bf16Rows = const std::uint16_t* const*;

/// y[i * stride + o] = bias[o] + row o . input i, on the calling thread. Reads every row once, in
/// the order of the file: what a decoding step waits for is memory. `x`: [inputs, in] contiguous,
/// `inputs` from 1 to kFewInputs (int8_panels.h).
void multiply_bf16_rows(Bf16Rows rows, std::int64_t out, std::int64_t in, const float* x,
                        std::int64_t inputs, const float* bias, float* y, std::int64_t stride);

}  // namespace fovea
