#include "memory/archive.h"

#include <sodium.h>
#include <zstd.h>

#include <memory>
#include <new>

namespace fovea {
namespace {

/// SQLite holds no larger value, so nothing larger was ever packed.
constexpr std::size_t kMostBytes = 1 << 30;
/// The most that a byte can stand for: a block of four bytes makes 128 KiB.
constexpr std::size_t kMostOfAByte = 1 << 15;
constexpr int kZstdLevel = 6;  // pages are small: above it, time grows and bytes hardly shrink

}  // namespace

std::string sha256(std::string_view bytes) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return digest;
}

std::string hex(std::string_view bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  text.pop_back();
  return text;
}

std::string compress(std::string_view text) {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compressCCtx(context.get(), packed.data(), packed.size(),
                                             text.data(), text.size(), kZstdLevel);
  if (ZSTD_isError(size)) throw std::bad_alloc();  // its only reason with a buffer of this size
  packed.resize(size);
  return packed;
}

std::optional<std::string> decompress(std::string_view packed, std::size_t size) {
  // Checked before memory is taken: a damaged size, or one made up, asks for any amount.
  if (size > kMostBytes || size / kMostOfAByte > packed.size()) return {};
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != size) return {};
  std::string text(size, '\0');
  if (ZSTD_decompress(text.data(), size, packed.data(), packed.size()) != size) return {};
  return text;
}

}  // namespace fovea
