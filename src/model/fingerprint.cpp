#include "model/fingerprint.h"

#include <array>
#include <fstream>
#include <iterator>

#include <sodium.h>

#include "fovea/error.h"

namespace fovea {

std::string fingerprint_of(const std::string& folder, const Checkpoint& checkpoint) {
  const std::string path = folder + "/config.json";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, "cannot open " + path);
  const std::string config{std::istreambuf_iterator<char>(file), {}};

  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  const auto add = [&](const void* data, std::size_t size) {
    crypto_hash_sha256_update(&state, static_cast<const unsigned char*>(data), size);
  };
  add(config.data(), config.size());
  for (const auto& file : checkpoint.files()) add(file->bytes().data(), file->bytes().size());

  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256_final(&state, hash.data());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  return hex.data();
}

}  // namespace fovea
