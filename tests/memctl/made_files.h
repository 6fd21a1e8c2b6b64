#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/memory/store_fixture.h"

namespace fovea::test {

/// A folder for files that a test reads back.
struct MadeFiles : TemporaryFolder {
  /// Returns its path. Folders in `name` are made.
  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(file(name)).parent_path());
    std::ofstream(file(name), std::ios::binary) << bytes;
    return file(name);
  }
};

}  // namespace fovea::test
