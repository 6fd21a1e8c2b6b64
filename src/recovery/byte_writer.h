#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/error.h"

namespace fovea {

/// Appends numbers to bytes: 7 bits a byte, the lowest first, the top bit says that more follow.
inline void write_number(std::string& bytes, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(number | 0x80);
  bytes += static_cast<char>(number);
}

/// Takes bytes apart again. Throws Error(corruption) where they end too early.
class ByteReader {
 public:
  /// `what`: is named in errors.
  ByteReader(std::string_view bytes, std::string what) : rest_(bytes), what_(std::move(what)) {}

  bool at_end() const { return rest_.empty(); }

  std::uint64_t number(std::uint64_t most) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value <= most ? value : damaged();
    }
    return damaged();
  }

  std::string_view take(std::size_t count) {
    if (count > rest_.size()) damaged();
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  [[noreturn]] std::uint64_t damaged() const {
    throw Error(ErrorCode::corruption, what_ + " are damaged; recall with source tokens");
  }

 private:
  std::string_view rest_;
  std::string what_;
};

}  // namespace fovea
