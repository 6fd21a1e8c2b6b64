#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fovea/access.h"
#include "memory/encrypted_files.h"
#include "memory/statement_cache.h"
#include "memory/writer_queue.h"

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
  struct GiveBack {
    void operator()(sqlite3_stmt* statement) const { cache->give_back(statement); }
    StatementCache* cache;
  };
  Statement(const std::string& file, sqlite3* database, StatementCache& cache,
            std::string_view sql);

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
  std::unique_ptr<sqlite3_stmt, GiveBack> statement_;
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
  /// The path of a database that is no file and ends with its connection.
  static constexpr std::string_view kInMemory = ":memory:";

  /// Opens the file, making it when there is none and it may be written; reads and writes nothing
  /// yet but the key page of an encrypted one. `name`: what errors call it. Throws
  /// Error(invalid_argument) when the key is wrong, missing or too much.
  /// `patience_ms`: how long another process may keep what this one waits for before that is an
  /// error.
  Database(const std::string& path, const std::string& name, int patience_ms,
           const std::optional<Key>& key = {}, Access access = Access::write);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) = delete;

  /// Has writing transactions of several processes wait in a line; see WriterQueue.
  void queue_writers(const std::string& path);
  int patience_ms() const { return patience_ms_; }
  void set_patience(int patience_ms);

  /// The same SQL is compiled once and then used again.
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
  friend class WriterTurn;
  friend class Transaction;
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  bool try_to_begin() const;

  std::unique_ptr<std::string> name_;       ///< stays in place when the Database moves
  std::unique_ptr<EncryptedFiles> files_;  ///< absent: not encrypted; outlives the connection
  std::unique_ptr<sqlite3, Closer> database_;
  std::unique_ptr<StatementCache> statements_;
  std::unique_ptr<WriterQueue> queue_;  ///< absent: writers do not queue
  int patience_ms_;
};

/// Less patience than the database's, for a while.
class Patience {
 public:
  Patience(Database& database, int milliseconds)
      : database_(database), before_(database.patience_ms()) {
    database.set_patience(std::min(before_, milliseconds));
  }
  ~Patience() { database_.set_patience(before_); }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

 private:
  Database& database_;
  int before_;
};

/// Keeps other processes from writing while several transactions in a row are done. Throws Error(io)
/// when another one keeps it too long.
class WriterTurn {
 public:
  explicit WriterTurn(const Database& database);
  ~WriterTurn();
  WriterTurn(const WriterTurn&) = delete;
  WriterTurn& operator=(const WriterTurn&) = delete;

 private:
  WriterQueue* queue_;
};

/// A transaction that is rolled back unless committed.
class Transaction {
 public:
  /// `write` waits for its turn and takes the write lock; `read` makes all statements see the same
  /// state, and waits for nobody.
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
