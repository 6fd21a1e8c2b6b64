#include "model/kernels/instructions.h"

#include <cstdlib>
#include <thread>

#include "model/kernels/tile_product.h"
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

TEST_CASE("instructions: they have the names that FOVEA_CPU knows, from few to many") {
  const char* const names[] = {"base", "sse4", "avx2", "avx512", "bf16", "amx"};
  for (int set = 0; set < 6; ++set) CHECK(name_of(static_cast<Instructions>(set)) == names[set]);
}

TEST_CASE("instructions: a limit is all threads', and kernels keep to it") {
  const auto rows_with = [](Instructions most) {
    const InstructionLimit limit(most);
    std::int64_t rows = 0;
    std::thread([&] { rows = tile_rows(); }).join();
    CHECK(rows == tile_rows());
    return rows;
  };
  CHECK(rows_with(Instructions::base) == 1);  // a vector has one value: 16 for a panel
  if (instructions() >= Instructions::avx2) CHECK(rows_with(Instructions::avx2) == 6);
  if (instructions() >= Instructions::avx512) CHECK(rows_with(Instructions::avx512) == 12);
}
