#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace fovea::memctl {

/// A folder for what is measured, gone at the end.
class BenchFolder {
 public:
  /// `parent`: on the disk that is to be measured.
  explicit BenchFolder(const std::string& parent)
      : path_(parent + "/fovea-bench-" + std::to_string(getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~BenchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace fovea::memctl
