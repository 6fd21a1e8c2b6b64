#include "memory/hashed_file.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "memory/cipher.h"
#include "memory/private_file.h"

namespace fovea {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20, kSealedBytes = kPieceBytes + kSealBytes;
constexpr std::size_t kHashBytes = crypto_generichash_BYTES;  // BLAKE2b
using Digest = std::array<std::uint8_t, kHashBytes>;

/// What a file of that size holds, with its hash.
std::uint64_t content_of(std::uint64_t file_bytes, bool sealed) {
  const std::uint64_t pieces = (file_bytes + kSealedBytes - 1) / kSealedBytes;
  const std::uint64_t seals = sealed ? pieces * kSealBytes : 0;
  return file_bytes > seals ? file_bytes - seals : 0;
}

}  // namespace

struct HashedFileWriter::Hash {
  Hash() { crypto_generichash_init(&state, nullptr, 0, kHashBytes); }
  void add(const void* data, std::size_t size) {
    crypto_generichash_update(&state, static_cast<const unsigned char*>(data), size);
  }
  Digest digest() {
    Digest digest;
    crypto_generichash_final(&state, digest.data(), digest.size());
    return digest;
  }
  crypto_generichash_state state;
};

HashedFileWriter::HashedFileWriter(const std::string& path, const std::optional<Key>& key)
    : key_(key), hash_(std::make_unique<Hash>()) {
  make_private_file(path);
  file_.open(path, std::ios::binary);
}

HashedFileWriter::~HashedFileWriter() = default;

void HashedFileWriter::write(const void* data, std::size_t size) {
  hash_->add(data, size);
  put(data, size);
}

bool HashedFileWriter::finish() {
  const Digest digest = hash_->digest();
  put(digest.data(), digest.size());
  if (!piece_.empty()) put_piece();
  file_.flush();
  return file_.good();
}

void HashedFileWriter::put(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  if (!key_) {
    file_.write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));
    return;
  }
  while (size > 0) {
    const std::size_t count = std::min(size, kPieceBytes - piece_.size());
    piece_.insert(piece_.end(), bytes, bytes + count);
    if (piece_.size() == kPieceBytes) put_piece();
    bytes += count;
    size -= count;
  }
}

void HashedFileWriter::put_piece() {
  std::vector<std::uint8_t> sealed(piece_.size() + kSealBytes);
  seal(*key_, pieces_++, piece_, sealed.data());
  file_.write(reinterpret_cast<const char*>(sealed.data()),
              static_cast<std::streamsize>(sealed.size()));
  piece_.clear();
}

bool HashedFileReader::is_whole(const std::string& path, const std::optional<Key>& key) {
  HashedFileReader file(path, key);
  HashedFileWriter::Hash hash;
  std::vector<std::uint8_t> bytes(kPieceBytes);
  while (file.left() > 0) {
    const std::size_t count = std::min<std::uint64_t>(file.left(), bytes.size());
    if (!file.read(bytes.data(), count)) return false;
    hash.add(bytes.data(), count);
  }
  Digest kept;
  return file.get(kept.data(), kept.size()) && kept == hash.digest();
}

HashedFileReader::HashedFileReader(const std::string& path, const std::optional<Key>& key)
    : file_(path, std::ios::binary), key_(key) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  const std::uint64_t content = error ? 0 : content_of(bytes, key.has_value());
  left_ = content > kHashBytes ? content - kHashBytes : 0;
}

bool HashedFileReader::read(void* data, std::size_t size) {
  if (size > left_) return false;
  left_ -= size;
  return get(data, size);
}

bool HashedFileReader::get(void* data, std::size_t size) {
  auto* bytes = static_cast<std::uint8_t*>(data);
  if (!key_) {
    file_.read(reinterpret_cast<char*>(bytes), static_cast<std::streamsize>(size));
    return file_.good();
  }
  while (size > 0) {
    if (at_ == piece_.size() && !next_piece()) return false;
    const std::size_t count = std::min(size, piece_.size() - at_);
    std::memcpy(bytes, piece_.data() + at_, count);
    at_ += count;
    bytes += count;
    size -= count;
  }
  return true;
}

bool HashedFileReader::next_piece() {
  std::vector<std::uint8_t> sealed(kSealedBytes);
  file_.read(reinterpret_cast<char*>(sealed.data()), static_cast<std::streamsize>(sealed.size()));
  const auto count = static_cast<std::size_t>(file_.gcount());
  if (count <= kSealBytes) return false;
  sealed.resize(count);
  piece_.resize(count - kSealBytes);
  at_ = 0;
  return unseal(*key_, pieces_++, sealed, piece_.data());
}

}  // namespace fovea
