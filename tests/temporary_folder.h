#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

namespace fovea::test {

/// A folder that no other program has, as several run at once; it is gone at the end of the test.
class Folder {
 public:
  /// `name` tells what it was for, should it stay behind.
  explicit Folder(const std::string& name) {
    std::string made =
        (std::filesystem::temp_directory_path() / ("fovea-" + name + "-XXXXXX")).string();
    if (!mkdtemp(made.data())) throw std::runtime_error("mkdtemp " + made);
    path_ = made;
  }
  Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~Folder() {
    if (!path_.empty()) std::filesystem::remove_all(path_);
  }
  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace fovea::test
