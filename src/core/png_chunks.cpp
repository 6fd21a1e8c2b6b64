#include "core/png_chunks.h"

#include <cstdint>

namespace fovea {
namespace {

constexpr std::size_t kSignature = 8, kHead = 8, kChecksum = 4;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

std::string fault_of_png_chunks(std::string_view bytes) {
  for (std::size_t at = kSignature; at + kHead <= bytes.size();) {
    const std::size_t length = big_endian(bytes.substr(at, 4));
    const std::size_t left = bytes.size() - at - kHead;
    if (length + kChecksum > left)
      return "a chunk of " + std::to_string(length) + " bytes at byte " + std::to_string(at) +
             ", where " + std::to_string(left) + " are left";
    if (bytes.substr(at + 4, 4) == "IEND") break;
    at += kHead + length + kChecksum;
  }
  return {};
}

}  // namespace fovea
