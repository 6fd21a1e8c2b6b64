#include "memory/sqlite_engine.h"

#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/embedding_bytes.h"
#include "memory/free_space.h"
#include "memory/private_file.h"
#include "memory/sqlite_words.h"

namespace fovea {
namespace {

[[noreturn]] void fail_store(ErrorCode code, const std::string& file, const std::string& what) {
  throw Error(code, "store " + file + " " + what);
}

/// " (No space left on device)" or nothing. SQLite does not keep the reason of a commit that
/// failed; then it is still in errno.
std::string system_reason(sqlite3* database) {
  const int last = errno;
  const int kept = database ? sqlite3_system_errno(database) : 0;
  const int error = kept != 0 ? kept : last;
  return error ? std::string(" (") + std::strerror(error) + ")" : "";
}

/// Why a file could not be opened. SQLite tries reading last and keeps that reason, so that of a
/// new file on a read-only disk it would say that the file does not exist.
std::string open_reason(const std::string& file, sqlite3* database) {
  std::error_code error;
  const std::string folder = std::filesystem::absolute(file, error).parent_path();
  if (error || access(folder.c_str(), W_OK) == 0) return system_reason(database);
  return " (" + folder + ": " + std::strerror(errno) + ")";
}

bool is_sealed(sqlite3* database) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  std::array<std::uint8_t, KeyPage::kBytes> bytes{};
  const int size = static_cast<int>(bytes.size());
  return file && file->pMethods &&
         file->pMethods->xRead(file, bytes.data(), size, 0) == SQLITE_OK && KeyPage::read(bytes);
}

/// Turns SQLite's result code into our Error: what is wrong with which file, and what to do.
[[noreturn]] void throw_sqlite(int result, const std::string& file, sqlite3* database) {
  const std::string reason = system_reason(database);
  const std::string detail = database ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      fail_store(ErrorCode::io, file,
                 "is locked by another process; wait until it is done, or stop it, and try again");
    case SQLITE_FULL:
      fail_store(
          ErrorCode::io, file,
          "cannot grow: the disk is full; make room and try again (what was stored is unchanged)");
    case SQLITE_IOERR:
      if (database && sqlite3_extended_errcode(database) == SQLITE_IOERR_DATA)
        fail_store(ErrorCode::corruption, file,
                   "has a page that was changed or damaged; restore a copy");
      fail_store(ErrorCode::io, file,
                 "could not be read or written" + reason +
                     "; check the disk and try again (what was stored is unchanged)");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      fail_store(
          ErrorCode::io, file,
          "is read-only, or was opened to be read; make file and folder writable, or copy it "
          "elsewhere, and open it to write");
    case SQLITE_CANTOPEN:
      fail_store(ErrorCode::io, file,
                 "cannot be opened" + open_reason(file, database) +
                     "; check that its folder exists and is writable");
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
      fail_store(ErrorCode::corruption, file,
                 "is damaged (" + detail +
                     "); restore a copy, or save what is left with sqlite3's .recover");
    case SQLITE_NOTADB:
      if (is_sealed(database))
        fail_store(ErrorCode::invalid_argument, file, "is encrypted; give its key");
      fail_store(
          ErrorCode::corruption, file,
          "is not a Fovea store or its beginning is damaged; give another path or restore a copy");
    case SQLITE_NOMEM: throw std::bad_alloc();
    case SQLITE_TOOBIG:
      fail_store(ErrorCode::invalid_argument, file, "cannot hold a value this large; split it");
    case SQLITE_CONSTRAINT:
      fail_store(ErrorCode::invalid_argument, file, "refused a value: " + detail);
    default:
      fail_store(ErrorCode::corruption, file,
                 "does not have the tables it should: " + detail + "; restore a copy");
  }
}

class SqliteStatement : public EngineStatement {
 public:
  SqliteStatement(const std::string& file, sqlite3* connection, std::string_view sql)
      : file_(&file), connection_(connection) {
    sqlite3_stmt* statement = nullptr;
    const int size = static_cast<int>(sql.size());
    const int result = sqlite3_prepare_v3(connection, sql.data(), size, SQLITE_PREPARE_PERSISTENT,
                                          &statement, nullptr);
    statement_.reset(statement);
    check(result);
  }

  std::string_view sql() const override { return sqlite3_sql(statement_.get()); }

  bool step() override {
    errno = 0;
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    throw_sqlite(result, *file_, connection_);
  }
  void run() override {
    while (step()) {
    }
    reset();
  }
  void send() override {}

  // What a failed step returned was thrown by step; reset only repeats it.
  void reset() override { sqlite3_reset(statement_.get()); }
  void clear() override { sqlite3_clear_bindings(statement_.get()); }

  void bind_integer(int index, std::int64_t value) override {
    check(sqlite3_bind_int64(statement_.get(), index, value));
  }
  void bind_real(int index, double value) override {
    check(sqlite3_bind_double(statement_.get(), index, value));
  }
  void bind_text(int index, std::string_view value) override {
    const char* data = value.data() ? value.data() : "";
    check(sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_TRANSIENT,
                              SQLITE_UTF8));
  }
  void bind_blob(int index, std::string_view value) override {
    const char* data = value.data() ? value.data() : "";
    check(sqlite3_bind_blob64(statement_.get(), index, data, value.size(), SQLITE_TRANSIENT));
  }
  void bind_null(int index) override { check(sqlite3_bind_null(statement_.get(), index)); }

  ValueType type(int column) const override {
    switch (sqlite3_column_type(statement_.get(), column)) {
      case SQLITE_INTEGER: return ValueType::integer;
      case SQLITE_FLOAT: return ValueType::real;
      case SQLITE_TEXT: return ValueType::text;
      case SQLITE_BLOB: return ValueType::blob;
      default: return ValueType::null;
    }
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_.get(), column);
  }
  double real(int column) const override { return sqlite3_column_double(statement_.get(), column); }
  std::string_view bytes(int column) const override {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    if (!data) {
      if (sqlite3_errcode(connection_) == SQLITE_NOMEM) throw std::bad_alloc();
      return {};
    }
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
  }

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int result) const {
    if (result != SQLITE_OK) throw_sqlite(result, *file_, connection_);
  }

  const std::string* file_;  ///< the Database's name
  sqlite3* connection_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

}  // namespace

void SqliteEngine::Closer::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

void SqliteEngine::Closer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteEngine::SqliteEngine(const Database& database, const std::string& path, int patience_ms,
                           const std::optional<Key>& key, Access access)
    : database_(database), path_(path), patience_ms_(patience_ms) {
  const std::string& name = database.name();
  const bool writes = access == Access::write;
  if (writes && path != Database::kInMemory) make_private_file(path);
  if (key) files_ = std::make_unique<EncryptedFiles>(*key);
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int result =
      sqlite3_open_v2(path.c_str(), &connection, flags, files_ ? files_->name() : wiping_vfs());
  connection_.reset(connection);
  if (files_ && !files_->problem().empty())
    fail_store(ErrorCode::invalid_argument, name, files_->problem());
  if (result != SQLITE_OK) throw_sqlite(result, name, connection);
  if (files_) {
    int free_bytes = kSealBytes;
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &free_bytes);
    execute("PRAGMA temp_store = MEMORY");  // SQLite's temporary files would be readable
  }
  add_checksum_function(connection);
  add_embedding_function(connection);
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, patience_ms);
}

SqliteEngine::~SqliteEngine() = default;

std::unique_ptr<EngineStatement> SqliteEngine::compile(std::string_view sql) {
  return std::make_unique<SqliteStatement>(database_.name(), handle(), sql);
}

void SqliteEngine::execute(const std::string& sql) {
  errno = 0;
  const int result = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) throw_sqlite(result, database_.name(), handle());
}

std::size_t SqliteEngine::changes() {
  return static_cast<std::size_t>(sqlite3_changes64(handle()));
}

bool SqliteEngine::is_read_only() const { return sqlite3_db_readonly(handle(), "main") == 1; }

void SqliteEngine::set_patience(int milliseconds) {
  patience_ms_ = milliseconds;
  sqlite3_busy_timeout(handle(), milliseconds);
}

WordIndex& SqliteEngine::words() {
  if (!words_) words_ = std::make_unique<SqliteWords>(database_);
  return *words_;
}

/// Begins a writing transaction unless another process has one.
bool SqliteEngine::try_to_begin() {
  if (!begin_) {
    sqlite3_stmt* begin = nullptr;
    sqlite3_prepare_v3(handle(), "BEGIN IMMEDIATE", -1, SQLITE_PREPARE_PERSISTENT, &begin, nullptr);
    begin_.reset(begin);
  }
  sqlite3_busy_timeout(handle(), 0);
  const int result = sqlite3_step(begin_.get());
  sqlite3_reset(begin_.get());
  sqlite3_busy_timeout(handle(), patience_ms_);
  if (result == SQLITE_DONE) return true;
  if ((result & 0xff) == SQLITE_BUSY) return false;
  throw_sqlite(result, database_.name(), handle());
}

void SqliteEngine::begin_reading() { database_.prepare("BEGIN").run(); }

void SqliteEngine::begin_writing(std::int64_t /*scope*/) {
  if (!queue_)
    database_.prepare("BEGIN IMMEDIATE").run();
  else if (!queue_->wait([&] { return try_to_begin(); }, patience_ms_))
    throw_sqlite(SQLITE_BUSY, database_.name(), nullptr);
}

void SqliteEngine::commit() { database_.prepare("COMMIT").run(); }

// After a full disk SQLite may have rolled back by itself; then there is nothing left to do.
void SqliteEngine::roll_back() noexcept {
  if (!sqlite3_get_autocommit(handle()))
    sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::optional<Key> SqliteEngine::data_key() const {
  if (!files_) return {};
  return EncryptedFiles::data_key(handle());
}

void SqliteEngine::change_key(const Key& key) {
  if (!files_)
    fail_store(ErrorCode::invalid_argument, database_.name(),
               "is not encrypted; export it with a key instead");
  const Transaction alone(database_, Transaction::Kind::write);  // one change at a time
  files_->change_key(handle(), key);
}

}  // namespace fovea
