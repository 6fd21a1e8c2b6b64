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

#include "tests/temporary_folder.h"

/// Writes the files of a checkpoint folder, right or wrong. The folder is removed at the end.
class CheckpointFiles {
 public:
  explicit CheckpointFiles(const std::string& name) : folder_(name) {}

  std::string folder() const { return folder_.path().string(); }
  std::string path(const std::string& file) const { return folder_.file(file); }

  void write(const std::string& file, const std::string& bytes) const {
    std::ofstream(path(file), std::ios::binary) << bytes;
  }

  std::string read(const std::string& file) const {
    std::ifstream stream(path(file), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  void copy(const std::string& from, const std::string& file) const {
    std::filesystem::copy_file(from, path(file));
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
  fovea::test::Folder folder_;
};
