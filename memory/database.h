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
#include "memory/engine.h"
#include "memory/statement_cache.h"

struct sqlite3;

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
  /// Runs a statement whose rows nobody reads, now or, on a server, with what is read next.
  void run();
  /// Has a server begin with it, and goes on to others before its first step.
  Statement& send() {
    statement_->send();
    return *this;
  }
  void reset();

  /// One parameter; `copy_from` takes another statement's column as it is.
  void set(int index, std::int64_t value) { bind_one(index, value); }
  void set(int index, std::string_view value) { bind_one(index, value); }
  void copy_from(int index, const Statement& row, int column);

  bool is_null(int column) const { return statement_->type(column) == ValueType::null; }
  std::int64_t integer(int column) const { return statement_->integer(column); }
  double real(int column) const { return statement_->real(column); }
  /// Text or blob, or a number as text; lasts until the next step, reset or bind.
  std::string_view bytes(int column) const { return statement_->bytes(column); }
  std::string text(int column) const { return std::string(bytes(column)); }
  /// Throws Error(corruption) unless the blob is a whole number of items.
  template <class T>
  std::vector<T> items(int column) const;

 private:
  friend class Database;
  struct GiveBack {
    void operator()(EngineStatement* statement) const {
      cache->give_back(std::unique_ptr<EngineStatement>(statement));
    }
    StatementCache* cache;
  };
  Statement(const std::string& name, StatementCache& cache,
            std::unique_ptr<EngineStatement> statement)
      : name_(&name), statement_(statement.release(), {&cache}) {}

  void bind_one(int index, std::int64_t value) { statement_->bind_integer(index, value); }
  void bind_one(int index, int value) { bind_one(index, static_cast<std::int64_t>(value)); }
  void bind_one(int index, std::size_t value) { bind_one(index, static_cast<std::int64_t>(value)); }
  void bind_one(int index, bool value) { bind_one(index, static_cast<std::int64_t>(value)); }
  void bind_one(int index, double value) { statement_->bind_real(index, value); }
  void bind_one(int index, std::string_view value) { statement_->bind_text(index, value); }
  void bind_one(int index, const char* value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const Blob& value) {
    statement_->bind_blob(index, {static_cast<const char*>(value.data), value.size});
  }
  void bind_null(int index) { statement_->bind_null(index); }
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    value ? bind_one(index, *value) : bind_null(index);
  }
  void copy_items(int column, std::size_t item_size, void* to) const;

  const std::string* name_;  ///< the Database's
  std::unique_ptr<EngineStatement, GiveBack> statement_;
};

template <class T>
std::vector<T> Statement::items(int column) const {
  std::vector<T> result(bytes(column).size() / sizeof(T));
  copy_items(column, sizeof(T), result.data());
  return result;
}

/// A connection to one SQLite file or one PostgreSQL server. One thread at a time. Every failure is
/// an Error that names it: io (locked, full, read-only, not reached), corruption, invalid_argument.
class Database {
 public:
  /// The path of an SQLite database that is no file and ends with its connection.
  static constexpr std::string_view kInMemory = ":memory:";

  /// `path`: a file, made when there is none and it may be written; reads and writes nothing yet
  /// but the key page of an encrypted one. Or the URL of a server (server_url.h). `name`: what
  /// errors call it. Throws Error(invalid_argument) when the key is wrong, missing or too much.
  /// `patience_ms`: how long others may keep what this one waits for before that is an error.
  Database(const std::string& path, const std::string& name, int patience_ms,
           const std::optional<Key>& key = {}, Access access = Access::write);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  int patience_ms() const { return patience_ms_; }
  void set_patience(int patience_ms);

  /// The same SQL is compiled once and then used again.
  Statement prepare(std::string_view sql) const;
  /// Runs statements parted by semicolons, without parameters or results.
  void execute(const std::string& sql) const { engine_->execute(sql); }
  /// The first column of the first row; Error(corruption) when there is none.
  std::int64_t integer(std::string_view sql) const;

  /// Rows that the last INSERT, UPDATE or DELETE touched.
  std::size_t changes() const { return engine_->changes(); }
  bool is_read_only() const { return engine_->is_read_only(); }
  const std::string& name() const { return name_; }

  Engine& engine() const { return *engine_; }
  WordIndex& words() const { return engine_->words(); }
  sqlite3* handle() const;  ///< for SQLite's extensions; null: this is no SQLite database

 private:
  std::string name_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<StatementCache> statements_;  ///< of the engine's connection
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

/// A transaction that is rolled back unless committed.
class Transaction {
 public:
  /// `write` waits for its turn and keeps others from writing; `read` makes all statements see the
  /// same state, and waits for nobody.
  enum class Kind { read, write };
  /// `scope`: the only one whose rows it writes, so that a server lets others write meanwhile; 0:
  /// it writes what is of no scope.
  Transaction(const Database& database, Kind kind, std::int64_t scope = 0);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace fovea
