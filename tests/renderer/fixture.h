#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fovea/renderer.h"

/// Checkpoint folder with an atlas alone; it stays as it is when the shipped one is made anew.
inline const std::string kAtlasFolder = FOVEA_SOURCE_DIR "/tests/golden/atlas";

inline const fovea::Renderer& shared_renderer() {
  static const fovea::Renderer renderer(kAtlasFolder);
  return renderer;
}

/// A folder that goes when the test ends.
struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("fovea-renderer-" + std::to_string(::getpid()));
  TemporaryFolder() { std::filesystem::create_directories(path); }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

/// FNV-1a of the bytes.
inline std::uint64_t hash_of(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3;
  return hash;
}
