#include <doctest/doctest.h>

#include <array>

#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea::test;

// All of Debian's headers sit in one folder, so that include paths cannot keep stages apart.
TEST_CASE("layering: the store includes no codec, no renderer and no facade") {
  const std::array forbidden = {"torch/", "ATen/", "c10/", "cairo", "pango", "fovea/codec.h",
                                "fovea/renderer.h", "fovea/memory.h", "renderer/", "src/"};
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/memory")) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("#include") || contains(line, "\"src/core/")) continue;
      for (const char* path : forbidden)
        CHECK_MESSAGE(!contains(line, path), entry.path().filename().string() << ": " << line);
    }
    ++files;
  }
  CHECK(files > 20);
}

}  // namespace
