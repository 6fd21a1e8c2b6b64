#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fovea {

/// SQLite's number of 7 bits a byte, the highest first, from the front of `bytes`; a ninth byte has
/// 8 bits.
inline std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 9 && !bytes.empty(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (i == 8) return number << 8 | byte;
    number = number << 7 | (byte & 0x7F);
    if (byte < 0x80) break;
  }
  return number;
}

inline void append_varint(std::string& to, std::uint64_t number) {
  const bool is_long = number >> 56 != 0;  // nine bytes: the last one has 8 bits
  int shift = is_long ? 57 : 49;
  while (!is_long && shift > 0 && number >> shift == 0) shift -= 7;
  for (; shift > (is_long ? 1 : 0); shift -= 7)
    to += static_cast<char>((number >> shift & 0x7F) | 0x80);
  to += static_cast<char>(is_long ? number & 0xFF : number & 0x7F);
}

}  // namespace fovea
