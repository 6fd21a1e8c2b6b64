#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

enum class StoredType { f32, f16, bf16, i8, u8, i32, i64 };

int size_of(StoredType type);
std::string_view name_of(StoredType type);

/// A tensor inside a mapped file.
struct StoredTensor {
  StoredType type;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  ///< row-major, little-endian; lives as long as the file
};

/// One memory-mapped .safetensors file. Const and thread-safe after construction; move-only.
class SafetensorsFile {
 public:
  /// Checks the whole header: every tensor lies inside the file and has the size of its shape.
  /// Throws Error(not_found | io | corruption | unsupported) naming the file and the tensor.
  explicit SafetensorsFile(std::string path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&& other) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) = delete;

  const std::string& path() const { return path_; }
  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  void map_file();
  void read_header();

  std::string path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::map<std::string, StoredTensor> tensors_;
};

}  // namespace fovea
