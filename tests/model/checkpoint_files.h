#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

/// Writes the files of a checkpoint folder, right or wrong. The folder is removed at the end.
class CheckpointFiles {
 public:
  explicit CheckpointFiles(const std::string& name)
      : folder_(std::filesystem::temp_directory_path() / ("fovea_test_" + name)) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~CheckpointFiles() { std::filesystem::remove_all(folder_); }

  std::string folder() const { return folder_.string(); }
  std::string path(const std::string& file) const { return (folder_ / file).string(); }

  void write(const std::string& file, const std::string& bytes) const {
    std::ofstream(folder_ / file, std::ios::binary) << bytes;
  }

  std::string read(const std::string& file) const {
    std::ifstream stream(folder_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  void copy(const std::string& from, const std::string& file) const {
    std::filesystem::copy_file(from, folder_ / file);
  }

  /// A safetensors file with this header and this data.
  static std::string packed(const std::string& header, const std::string& data) {
    std::uint64_t length = header.size();
    return std::string(reinterpret_cast<char*>(&length), sizeof length) + header + data;
  }

  /// A header entry of a tensor that lies from `begin` to `end`.
  static nlohmann::json entry(const std::string& type, std::vector<int> shape, int begin, int end) {
    return {{"dtype", type}, {"shape", std::move(shape)}, {"data_offsets", {begin, end}}};
  }

 private:
  std::filesystem::path folder_;
};
