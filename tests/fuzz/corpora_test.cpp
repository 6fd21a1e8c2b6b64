// The inputs that fuzzing has found worth keeping, and those that once broke something, go through
// their targets again: tests/fuzz/corpus/<target>.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "tests/fuzz/fuzz.h"

#define FUZZ_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);

void run_corpus(const std::string& name, Target target) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/tests/fuzz/corpus/" + name))
    files.push_back(entry.path());
  std::ranges::sort(files);
  REQUIRE(!files.empty());
  target(nullptr, 0);
  for (const auto& file : files) {
    const std::string bytes = fovea::fuzz::read_file(file.string());
    CAPTURE(file.string());
    CHECK_NOTHROW(target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  }
}

}  // namespace

#define FUZZ_TARGET(name) \
  TEST_CASE("fuzzing: kept inputs of " #name) { run_corpus(#name, fuzz_##name); }
#include "fuzz_targets.inc"
