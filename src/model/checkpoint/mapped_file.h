#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace fovea {

/// A file's bytes, mapped read-only. Move-only.
class MappedFile {
 public:
  /// Throws Error(not_found | io) naming the file.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace fovea
