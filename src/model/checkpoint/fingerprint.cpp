#include "model/checkpoint/fingerprint.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include <sodium.h>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::size_t kSampleBytes = 4096;

class Sha256 {
 public:
  Sha256() { crypto_hash_sha256_init(&state_); }

  void add(std::span<const std::byte> bytes) {
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }

  std::string hex() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256_final(&state_, hash.data());
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    return text.data();
  }

 private:
  crypto_hash_sha256_state state_;
};

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, "cannot open " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What stands before the first tensor.
std::span<const std::byte> header_of(const SafetensorsFile& file) {
  auto size = file.bytes().size();
  for (const auto& [name, tensor] : file.tensors()) {
    if (!tensor.bytes.empty())
      size = std::min<std::size_t>(size, tensor.bytes.data() - file.bytes().data());
  }
  return file.bytes().first(size);
}

void add_samples(Sha256& hash, const SafetensorsFile& file) {
  hash.add("samples of " + std::to_string(file.bytes().size()) + " bytes");
  hash.add(header_of(file));
  for (const auto& [name, tensor] : file.tensors()) {
    const auto bytes = tensor.bytes;
    const auto size = std::min(bytes.size(), kSampleBytes), rest = bytes.size() - size;
    for (const auto begin : {std::size_t{0}, rest / 2, rest}) hash.add(bytes.subspan(begin, size));
  }
}

}  // namespace

std::string fingerprint_of(const std::string& folder, const Checkpoint& checkpoint,
                           std::size_t whole_bytes) {
  Sha256 hash;
  hash.add(read_text(folder + "/config.json"));
  std::size_t total = 0;
  for (const auto& file : checkpoint.files()) total += file->bytes().size();
  for (const auto& file : checkpoint.files()) {
    if (total > whole_bytes) {
      add_samples(hash, *file);
    } else {
      hash.add(file->bytes());
    }
  }
  return hash.hex();
}

}  // namespace fovea
