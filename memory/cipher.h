#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "fovea/key.h"

namespace fovea {

/// XChaCha20-Poly1305 of libsodium. What is sealed is followed by tag and nonce: kSealBytes more.
/// `place` says where the bytes belong; they open nowhere else.
inline constexpr std::size_t kSealBytes = 16 + 24;

/// `to`: [from.size() + kSealBytes].
void seal(const Key& key, std::uint64_t place, std::span<const std::uint8_t> from,
          std::uint8_t* to);
/// `to`: [from.size() - kSealBytes], may not overlap `from`. False when the key or the place is
/// another one, or the bytes were changed.
bool unseal(const Key& key, std::uint64_t place, std::span<const std::uint8_t> from,
            std::uint8_t* to);

Key random_key();

/// The first kKeyPageBytes of an encrypted file: its own random key, sealed with the user's. So the
/// user's key can be changed without writing all anew. Two slots, of which the newer whole one
/// counts: a change that is cut short loses nothing.
class KeyPage {
 public:
  static constexpr std::size_t kBytes = 4096;

  /// Of a new file, sealing `data_key`.
  static KeyPage make(const Key& user, const Key& data_key);
  /// Nothing when the bytes [kBytes] are no key page.
  static std::optional<KeyPage> read(std::span<const std::uint8_t> bytes);

  /// Nothing with another user key.
  std::optional<Key> open(const Key& user) const;
  /// False when no slot is whole: the page is damaged.
  bool is_whole() const;
  /// Adds a slot for the new user key beside the newer one.
  void add(const Key& user, const Key& data_key);
  /// Wipes all but the newest slot.
  void drop_old();

  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  std::optional<std::size_t> newest() const;

  std::array<std::uint8_t, kBytes> bytes_{};
};

}  // namespace fovea
