#pragma once

#include <string_view>

namespace fovea {

/// Vector instructions of a CPU, each set with all those before it. Other architectures than x86-64
/// have `base` alone, with the vectors that all CPUs of theirs have.
enum class Instructions {
  base,    ///< of x86-64 no vectors
  sse4,    ///< SSSE3, and SSE4 where the CPU has it
  avx2,    ///< with FMA
  avx512,  ///< F, BW, CD, DQ and VL
  bf16,    ///< AVX-512's products of bfloat16
  amx,     ///< AMX's products of bfloat16, if the system lets this process use them
};

/// The largest set that may be used here: the CPU's, but none above the one that the environment
/// variable FOVEA_CPU names ("base", "sse4", "avx2", "avx512", "bf16" or "amx") and none above a
/// test's limit. Kernels that are written with Highway keep to it by themselves; whatever else
/// chooses between instruction sets asks this function. Thread-safe.
/// Throws Error(invalid_argument) when FOVEA_CPU names no set.
Instructions instructions();

std::string_view name_of(Instructions set);

/// While it lives, nothing above `most` is used. For tests, which set it while no product runs.
class InstructionLimit {
 public:
  explicit InstructionLimit(Instructions most);
  ~InstructionLimit();
  InstructionLimit(const InstructionLimit&) = delete;
  InstructionLimit& operator=(const InstructionLimit&) = delete;

 private:
  Instructions before_;
};

}  // namespace fovea
