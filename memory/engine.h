#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/key.h"

namespace fovea {

class WordIndex;

/// What kind of value a column holds.
enum class ValueType { null, integer, real, text, blob };

/// One prepared statement of an engine. Parameters are counted from 1, columns from 0.
class EngineStatement {
 public:
  virtual ~EngineStatement() = default;

  virtual std::string_view sql() const = 0;
  /// True when there is a row to read, false at the end.
  virtual bool step() = 0;
  /// Runs it when nobody reads its rows. In a writing transaction a server may have it wait for the
  /// next answer that is read, or for the commit; these then throw what is wrong with it.
  virtual void run() = 0;
  /// Lets a server begin before the first step, so that several statements wait for it once.
  virtual void send() = 0;
  virtual void reset() = 0;
  /// Forgets the parameters: they may be large, and secret.
  virtual void clear() = 0;

  // What is bound is copied.
  virtual void bind_integer(int index, std::int64_t value) = 0;
  virtual void bind_real(int index, double value) = 0;
  virtual void bind_text(int index, std::string_view value) = 0;
  virtual void bind_blob(int index, std::string_view value) = 0;
  virtual void bind_null(int index) = 0;

  virtual ValueType type(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  /// Lasts until the next step, reset or bind.
  virtual std::string_view bytes(int column) const = 0;
};

/// What keeps a store's tables: SQLite (sqlite_engine.h) or a PostgreSQL server
/// (postgres_engine.h). All SQL is of the dialect that both have; what they do differently is a
/// function here. One thread at a time. Every failure is an Error that names the store.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::unique_ptr<EngineStatement> compile(std::string_view sql) = 0;
  /// Runs statements parted by semicolons, without parameters or results.
  virtual void execute(const std::string& sql) = 0;
  /// How many statements are worth sending before the first one's rows are read.
  virtual std::size_t statements_at_once() const = 0;
  /// Rows that the last INSERT, UPDATE or DELETE touched.
  virtual std::size_t changes() = 0;
  virtual bool is_read_only() const = 0;
  virtual void set_patience(int milliseconds) = 0;

  /// All statements see one state, until commit or roll_back; waits for nobody.
  virtual void begin_reading() = 0;
  /// Waits until nobody else writes what this transaction may write: the scope of that number, or
  /// with 0 whatever no scope has for itself.
  virtual void begin_writing(std::int64_t scope) = 0;
  virtual void commit() = 0;
  virtual void roll_back() noexcept = 0;

  /// Makes the tables, or brings older ones up to date. Throws Error(unsupported) for a newer
  /// store, Error(invalid_argument) for another program's database; neither is changed.
  virtual void open_store(std::int64_t max_file_bytes) = 0;
  /// Whether the server keeps users apart by itself; then it is told whom the next statements
  /// serve.
  virtual bool separates_users() const = 0;
  /// Nothing: all of them, for what concerns the whole store.
  virtual void serve(const std::optional<std::string>& user) = 0;

  /// Whether rows carry a checksum (checksum.h).
  virtual bool has_row_checksums() const = 0;
  virtual WordIndex& words() = 0;

  /// Differs after each change of embeddings that the one who is served may see.
  virtual std::int64_t embedding_stamp() = 0;
  /// A new one, for a change in that scope. In a transaction of the caller's.
  virtual std::int64_t stamp_embeddings(std::int64_t scope) = 0;
  /// Notes that text of the scope was removed, so that the store has to be cleaned some time.
  virtual void note_removed_text(std::int64_t scope, bool erased) = 0;
  /// Whether erasing is to clean at once; otherwise cleaning is for whoever runs the server.
  virtual bool cleans_by_itself() const = 0;
  /// Something was erased, but the cleaning after it was cut short.
  virtual bool is_unclean() = 0;
  /// Wipes what deleted text has left. False: others keep it from being done just now.
  virtual bool clean() = 0;
  /// When the bytes of erased rows go, for a receipt; empty: with the cleaning that follows.
  virtual std::string_view when_bytes_go() const = 0;

  /// New ids in `table` ("pages", "messages") for rows of another store that have these, in order;
  /// none was ever given. In a writing transaction of the caller's.
  virtual std::vector<std::int64_t> new_ids(const std::string& table,
                                            std::span<const std::int64_t> theirs) = 0;
  /// Until the end of the transaction rows may refer to rows that come later.
  virtual void defer_references() = 0;

  /// Copies the whole store to the file. Throws Error(unsupported) where the server has its own
  /// way.
  virtual void back_up(const std::string& file) = 0;
  virtual std::size_t stored_bytes() = 0;
  /// Calls `find` for whatever is wrong with the tables themselves.
  virtual void check(const std::function<void(const std::string&)>& find) = 0;

  /// What files beside the store are sealed with; nothing when it is not encrypted.
  virtual std::optional<Key> data_key() const = 0;
  virtual void change_key(const Key& key) = 0;
};

}  // namespace fovea
