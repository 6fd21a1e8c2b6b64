#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/mapped_file.h"

namespace fovea {

enum class StoredType { f32, f16, bf16, i8, u8, i16, i32, i64 };

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
  /// Checks the whole header: the tensors lie one after another and fill the file, each with the
  /// size of its shape.
  /// Throws Error(not_found | io | corruption) naming the file and the tensor.
  explicit SafetensorsFile(const std::string& path);

  const std::string& path() const { return path_; }
  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
  std::span<const std::byte> bytes() const { return file_.bytes(); }

 private:
  std::string path_;
  MappedFile file_;
  std::map<std::string, StoredTensor> tensors_;
};

}  // namespace fovea
