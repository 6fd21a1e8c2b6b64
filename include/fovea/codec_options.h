#pragma once

#include <string>
#include <string_view>

namespace fovea {

/// Type of the large matrix products. CPUs read pages of cells in fp32, whatever it is; but for
/// `fp32` the inputs of products with int8 weights are then rounded to 15 bits.
enum class Precision {
  automatic,  ///< bf16 on a GPU or a CPU that multiplies bfloat16 faster than float32
  bf16,       ///< bfloat16, on CPUs from AVX-512 on
  fp32,       ///< for comparing with the training code
};
/// "auto", "bf16", "fp32".
std::string_view name_of(Precision precision);
/// Throws Error(invalid_argument) naming those there are.
Precision precision_from_name(std::string_view name);

/// How the decoder's matrices are held in memory.
enum class Weights {
  stored,  ///< as in the file
  /// Rounded to 8 bits with a scale per row, on a CPU: half the memory to read for each token, with
  /// nearly the same answers.
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
  /// Hypotheses that a beam search follows in each row of which the greedy reading is unsure; 1: the
  /// greedy reading alone. Coarse pages read better with 4 and take several times as long. For pages
  /// of cells whose row lengths are known. 1 to 16. A Memory reads so only what it hands out:
  /// measurements and corrections are of the greedy reading.
  int beam_width = 1;
};

}  // namespace fovea
