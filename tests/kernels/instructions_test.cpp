#include "model/kernels/instructions.h"

#include <cstdlib>

#include "tests/kernels/every_set.h"

using namespace fovea;

TEST_CASE("instructions: a limit holds while it lives") {
  const Instructions before = instructions();
  {
    const InstructionLimit limit(Instructions::base);
    CHECK(instructions() == Instructions::base);
    {
      const InstructionLimit wider(Instructions::amx);
      CHECK(instructions() == before);  // it adds nothing that the CPU lacks
    }
    CHECK(instructions() == Instructions::base);
  }
  CHECK(instructions() == before);
}

TEST_CASE("instructions: none above the one that FOVEA_CPU names") {
  const char* most = std::getenv("FOVEA_CPU");
  if (!most) return;
  CHECK(instructions() <= Instructions::amx);
  for (const auto set : {Instructions::base, Instructions::sse4, Instructions::avx2,
                         Instructions::avx512, Instructions::bf16}) {
    if (name_of(set) == most) CHECK(instructions() <= set);
  }
}
