#include "memory/cipher.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace fovea {
namespace {

constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(kTag + kNonce == kSealBytes);

constexpr std::string_view kSealedMagic = "Fovea sealed 1\n";
constexpr std::array<std::size_t, 2> kSlots = {512, 1024};  // a disk's sector each
constexpr std::uint64_t kNoPlace = ~std::uint64_t{0};

/// As it stands in the file, little-endian: generation, the sealed key, a hash of both.
struct Slot {
  std::uint64_t generation;  ///< 0: empty
  std::array<std::uint8_t, std::tuple_size_v<Key> + kSealBytes> sealed;
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash;

  std::array<std::uint8_t, crypto_hash_sha256_BYTES> right_hash() const {
    std::array<std::uint8_t, crypto_hash_sha256_BYTES> result;
    crypto_hash_sha256(result.data(), reinterpret_cast<const unsigned char*>(this),
                       offsetof(Slot, hash));
    return result;
  }
};

Slot slot_at(std::span<const std::uint8_t> page, std::size_t index) {
  Slot slot;
  std::memcpy(&slot, page.data() + kSlots.at(index), sizeof slot);
  return slot;
}

}  // namespace

void seal(const Key& key, std::uint64_t place, std::span<const std::uint8_t> from,
          std::uint8_t* to) {
  std::uint8_t* nonce = to + from.size() + kTag;
  randombytes_buf(nonce, kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(to, nullptr, from.data(), from.size(),
                                             reinterpret_cast<const unsigned char*>(&place),
                                             sizeof place, nullptr, nonce, key.data());
}

bool unseal(const Key& key, std::uint64_t place, std::span<const std::uint8_t> from,
            std::uint8_t* to) {
  if (from.size() < kSealBytes) return false;
  const std::size_t sealed = from.size() - kNonce;
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             to, nullptr, nullptr, from.data(), sealed,
             reinterpret_cast<const unsigned char*>(&place), sizeof place, from.data() + sealed,
             key.data()) == 0;
}

Key random_key() {
  Key key;
  randombytes_buf(key.data(), key.size());
  return key;
}

KeyPage KeyPage::make(const Key& user, const Key& data_key) {
  KeyPage page;
  std::ranges::copy(kSealedMagic, page.bytes_.begin());
  page.add(user, data_key);
  return page;
}

std::optional<KeyPage> KeyPage::read(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kBytes ||
      std::memcmp(bytes.data(), kSealedMagic.data(), kSealedMagic.size()) != 0)
    return {};
  KeyPage page;
  std::ranges::copy(bytes, page.bytes_.begin());
  return page;
}

std::optional<std::size_t> KeyPage::newest() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < kSlots.size(); ++i) {
    const Slot slot = slot_at(bytes_, i);
    if (slot.generation == 0 || slot.hash != slot.right_hash()) continue;
    if (!best || slot.generation > slot_at(bytes_, *best).generation) best = i;
  }
  return best;
}

bool KeyPage::is_whole() const {
  return newest().has_value();
}

std::optional<Key> KeyPage::open(const Key& user) const {
  const auto index = newest();
  if (!index) return {};
  Key data_key;
  if (!unseal(user, kNoPlace, slot_at(bytes_, *index).sealed, data_key.data())) return {};
  return data_key;
}

void KeyPage::add(const Key& user, const Key& data_key) {
  const auto now = newest();
  Slot slot{};
  slot.generation = now ? slot_at(bytes_, *now).generation + 1 : 1;
  seal(user, kNoPlace, data_key, slot.sealed.data());
  slot.hash = slot.right_hash();
  std::memcpy(bytes_.data() + kSlots.at(now ? 1 - *now : 0), &slot, sizeof slot);
}

void KeyPage::drop_old() {
  if (const auto now = newest())
    std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(kSlots.at(1 - *now)), sizeof(Slot),
                std::uint8_t{0});
}

}  // namespace fovea
