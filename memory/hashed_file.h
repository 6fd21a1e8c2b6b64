#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fovea/key.h"

namespace fovea {

/// A file that ends in a hash of all before it, written and read from beginning to end in any
/// pieces, without being in memory as a whole. With a key it is sealed, a megabyte at a time.
///
/// Writes the file.
class HashedFileWriter {
 public:
  HashedFileWriter(const std::string& path, const std::optional<Key>& key);
  ~HashedFileWriter();

  void write(const void* data, std::size_t size);
  /// Writes the hash. False when the system has refused anything.
  bool finish();

 private:
  friend class HashedFileReader;
  struct Hash;
  void put(const void* data, std::size_t size);
  void put_piece();

  std::ofstream file_;
  std::optional<Key> key_;
  std::unique_ptr<Hash> hash_;
  std::vector<std::uint8_t> piece_;  ///< not yet sealed
  std::uint64_t pieces_ = 0;
};

/// Reads it.
class HashedFileReader {
 public:
  /// True when the file is there, opens with the key, and its hash is right.
  static bool is_whole(const std::string& path, const std::optional<Key>& key);

  HashedFileReader(const std::string& path, const std::optional<Key>& key);
  /// False when there is not so much left before the hash, or a piece does not open.
  bool read(void* data, std::size_t size);
  /// Bytes before the hash that have not been read.
  std::uint64_t left() const { return left_; }

 private:
  bool get(void* data, std::size_t size);
  bool next_piece();

  std::ifstream file_;
  std::optional<Key> key_;
  std::uint64_t left_ = 0;
  std::vector<std::uint8_t> piece_;  ///< unsealed
  std::size_t at_ = 0;               ///< in `piece_`
  std::uint64_t pieces_ = 0;
};

}  // namespace fovea
