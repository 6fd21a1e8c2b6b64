#pragma once

#include <memory>
#include <string>

#include "memory/cipher.h"

struct sqlite3;

namespace fovea {

/// How SQLite reaches the files of one connection when the store is encrypted: a VFS under which
/// every database page, also those in the WAL and in a journal, is sealed on its way to the disk.
///
/// A file begins with a KeyPage; page n follows at n * kPageBytes, sealed in place: SQLite leaves
/// kSealBytes at the end of each page free. Of the WAL the headers stay readable: page numbers and
/// checksums, no content. All else that SQLite writes it must keep in memory (temp_store).
class EncryptedFiles {
 public:
  static constexpr int kPageBytes = 4096;

  /// Registers the VFS; it must outlive the connection.
  explicit EncryptedFiles(const Key& user_key);
  ~EncryptedFiles();
  EncryptedFiles(const EncryptedFiles&) = delete;
  EncryptedFiles& operator=(const EncryptedFiles&) = delete;

  const char* name() const;
  /// Why a file could not be opened, when that was for the key; otherwise empty.
  const std::string& problem() const;

  /// Of a connection opened through such a VFS: the key of its main file.
  static const Key& data_key(sqlite3* connection);
  /// Seals the main file's key with another user key. All or nothing, also for a kill.
  /// Throws Error(io).
  void change_key(sqlite3* connection, const Key& user_key);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
