#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// What the big matrix products are computed in.
enum class Precision {
  /// bf16 where the CPU has products of it, but fp32 to read pages of cells, which are small
  /// products.
  automatic,
  bf16,  ///< bfloat16, on CPUs from AVX-512 on
  fp32,  ///< for comparing with the training code
};
/// "auto", "bf16", "fp32".
std::string_view name_of(Precision precision);
/// Throws Error(invalid_argument) naming those there are.
Precision precision_from_name(std::string_view name);

/// How the decoder's matrices are held.
enum class Weights {
  stored,  ///< as they stand in the file
  /// Rounded to 8 bits with a scale a row, on a CPU: half the memory to be read for a token,
  /// answers nearly the same.
  int8,
};
std::string_view name_of(Weights weights);
/// Throws Error(invalid_argument) naming those there are.
Weights weights_from_name(std::string_view name);

struct CodecOptions {
  /// "cpu", "cuda", "cuda:1"; "auto": the GPU if libtorch was built for CUDA and finds one.
  std::string device = "auto";
  Precision precision = Precision::automatic;
  int threads = 0;  ///< 0: libtorch's choice
  Weights weights = Weights::stored;
};

}  // namespace fovea
