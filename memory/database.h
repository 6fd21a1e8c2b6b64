#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "memory/encrypted_files.h"

struct sqlite3;
struct sqlite3_stmt;

namespace fovea {

/// Bytes to bind as a blob; not owned.
struct Blob {
  const void* data = nullptr;
  std::size_t size = 0;

  Blob(const void* bytes, std::size_t count) : data(bytes), size(count) {}
  explicit Blob(std::string_view bytes) : data(bytes.data()), size(bytes.size()) {}
  template <class T>
  explicit Blob(const std::vector<T>& items) : data(items.data()), size(items.size() * sizeof(T)) {}
};

/// A value for a parameter whose type is known at run time only.
using BoundValue = std::variant<std::int64_t, std::string>;

/// One prepared SQL statement. Outlived by its Database. Parameters are bound from 1 on, columns
/// read from 0 on, as SQLite counts them.
class Statement {
 public:
  /// Forgets the last run and binds all parameters; bound text and blobs are copied.
  template <class... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  /// The same for a list.
  Statement& bind_list(std::span<const BoundValue> values);

  /// True when there is a row to read, false at the end.
  bool step();
  /// Steps a statement that gives no rows.
  void run();
  void reset();

  /// One parameter; `copy_from` takes another statement's column as it is.
  void set(int index, std::int64_t value) { bind_one(index, value); }
  void set_null(int index) { bind_null(index); }
  void copy_from(int index, const Statement& row, int column);

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  /// Text or blob; lasts until the next step, reset or bind.
  std::string_view bytes(int column) const;
  std::string text(int column) const { return std::string(bytes(column)); }
  /// Throws Error(corruption) unless the blob is a whole number of items.
  template <class T>
  std::vector<T> items(int column) const;

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(const std::string& file, sqlite3* database, std::string_view sql);

  void bind_one(int index, std::int64_t value);
  void bind_one(int index, int value) { bind_one(index, static_cast<std::int64_t>(value)); }
  void bind_one(int index, std::size_t value) { bind_one(index, static_cast<std::int64_t>(value)); }
  void bind_one(int index, bool value) { bind_one(index, static_cast<std::int64_t>(value)); }
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view value);
  void bind_one(int index, const char* value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const Blob& value);
  void bind_null(int index);
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    value ? bind_one(index, *value) : bind_null(index);
  }
  void check(int result) const;
  void copy_items(int column, std::size_t item_size, void* to) const;

  const std::string* file_;  ///< the Database's
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

template <class T>
std::vector<T> Statement::items(int column) const {
  std::vector<T> result(bytes(column).size() / sizeof(T));
  copy_items(column, sizeof(T), result.data());
  return result;
}

/// A connection to one SQLite file. One thread at a time. Every failure is an Error that names the
/// file: io (locked, full, read-only), corruption, invalid_argument.
class Database {
 public:
  /// Opens the file, making it when there is none; reads and writes nothing yet but the key page
  /// of an encrypted one. `name`: what errors call it. Throws Error(invalid_argument) when the key
  /// is wrong, missing or too much.
  Database(const std::string& path, const std::string& name, int busy_timeout_ms,
           const std::optional<Key>& key = {});
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) = delete;

  Statement prepare(std::string_view sql) const;
  /// Runs statements parted by semicolons, without parameters or results.
  void execute(const std::string& sql) const;
  /// The first column of the first row; Error(corruption) when there is none.
  std::int64_t integer(std::string_view sql) const;

  std::int64_t last_insert_id() const;
  std::size_t changes() const;  ///< rows that the last INSERT, UPDATE or DELETE touched
  bool is_read_only() const;
  /// What files beside the database are sealed with; nothing when it is not encrypted.
  std::optional<Key> data_key() const;
  /// Has the store open with another key from now on. Throws Error(invalid_argument) when it is not
  /// encrypted.
  void change_key(const Key& key);
  sqlite3* handle() const { return database_.get(); }  ///< for SQLite's extensions
  const std::string& name() const { return *name_; }

 private:
  friend class Transaction;
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<std::string> name_;       ///< stays in place when the Database moves
  std::unique_ptr<EncryptedFiles> files_;  ///< absent: not encrypted; outlives the connection
  std::unique_ptr<sqlite3, Closer> database_;
};

/// A transaction that is rolled back unless committed.
class Transaction {
 public:
  /// `write` takes the write lock at once, waiting for other processes; `read` makes all statements
  /// see the same state.
  enum class Kind { read, write };
  Transaction(const Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace fovea
