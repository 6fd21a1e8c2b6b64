#include "memory/database.h"

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
#include "memory/private_file.h"

namespace fovea {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& file, const std::string& what) {
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

/// Why a file could not be opened. SQLite tries reading last and keeps that reason, so that of a new
/// file on a read-only disk it would say that the file does not exist.
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
  return file && file->pMethods && file->pMethods->xRead(file, bytes.data(), size, 0) == SQLITE_OK &&
         KeyPage::read(bytes);
}

/// Turns SQLite's result code into our Error: what is wrong with which file, and what to do.
[[noreturn]] void throw_sqlite(int result, const std::string& file, sqlite3* database) {
  const std::string reason = system_reason(database);
  const std::string detail = database ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      fail(ErrorCode::io, file,
           "is locked by another process; wait until it is done, or stop it, and try again");
    case SQLITE_FULL:
      fail(ErrorCode::io, file,
           "cannot grow: the disk is full; make room and try again (what was stored is unchanged)");
    case SQLITE_IOERR:
      if (database && sqlite3_extended_errcode(database) == SQLITE_IOERR_DATA)
        fail(ErrorCode::corruption, file, "has a page that was changed or damaged; restore a copy");
      fail(ErrorCode::io, file,
           "could not be read or written" + reason +
               "; check the disk and try again (what was stored is unchanged)");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      fail(ErrorCode::io, file,
           "is read-only, or was opened to be read; make file and folder writable, or copy it "
           "elsewhere, and open it to write");
    case SQLITE_CANTOPEN:
      fail(ErrorCode::io, file,
           "cannot be opened" + open_reason(file, database) +
               "; check that its folder exists and is writable");
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
      fail(ErrorCode::corruption, file,
           "is damaged (" + detail +
               "); restore a copy, or save what is left with sqlite3's .recover");
    case SQLITE_NOTADB:
      if (is_sealed(database))
        fail(ErrorCode::invalid_argument, file, "is encrypted; give its key");
      fail(ErrorCode::corruption, file,
           "is not a Fovea store or its beginning is damaged; give another path or restore a copy");
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_TOOBIG:
      fail(ErrorCode::invalid_argument, file, "cannot hold a value this large; split it");
    case SQLITE_CONSTRAINT:
      fail(ErrorCode::invalid_argument, file, "refused a value: " + detail);
    default:
      fail(ErrorCode::corruption, file,
           "does not have the tables it should: " + detail + "; restore a copy");
  }
}

}  // namespace

Statement::Statement(const std::string& file, sqlite3* database, StatementCache& cache,
                     std::string_view sql)
    : file_(&file), database_(database), statement_(cache.take(sql), {&cache}) {
  if (statement_) return;
  sqlite3_stmt* statement = nullptr;
  const int size = static_cast<int>(sql.size());
  const int result = sqlite3_prepare_v3(database, sql.data(), size, SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
  statement_.reset(statement);
  check(result);
}

void Statement::check(int result) const {
  if (result != SQLITE_OK) throw_sqlite(result, *file_, database_);
}

bool Statement::step() {
  errno = 0;
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  throw_sqlite(result, *file_, database_);
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

// What a failed step returned was thrown by step; reset only repeats it.
void Statement::reset() {
  sqlite3_reset(statement_.get());
}

Statement& Statement::bind_list(std::span<const BoundValue> values) {
  reset();
  int index = 0;
  for (const BoundValue& value : values) {
    ++index;
    std::visit([&](const auto& held) { bind_one(index, held); }, value);
  }
  return *this;
}

void Statement::bind_one(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::bind_one(int index, double value) {
  check(sqlite3_bind_double(statement_.get(), index, value));
}

void Statement::bind_one(int index, std::string_view value) {
  const char* data = value.data() ? value.data() : "";
  check(sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
}

void Statement::bind_one(int index, const Blob& value) {
  const void* data = value.data ? value.data : "";
  check(sqlite3_bind_blob64(statement_.get(), index, data, value.size, SQLITE_TRANSIENT));
}

void Statement::bind_null(int index) {
  check(sqlite3_bind_null(statement_.get(), index));
}

void Statement::copy_from(int index, const Statement& row, int column) {
  check(sqlite3_bind_value(statement_.get(), index,
                           sqlite3_column_value(row.statement_.get(), column)));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (!data) {
    if (sqlite3_errcode(database_) == SQLITE_NOMEM) throw std::bad_alloc();
    return {};
  }
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Statement::copy_items(int column, std::size_t item_size, void* to) const {
  const std::string_view from = bytes(column);
  if (from.size() % item_size != 0)
    fail(ErrorCode::corruption, *file_, "has a value that is cut short; run `memctl verify`");
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

void Database::Closer::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Database::Database(const std::string& path, const std::string& name, int patience_ms,
                   const std::optional<Key>& key, Access access)
    : name_(std::make_unique<std::string>(name)),
      statements_(std::make_unique<StatementCache>()),
      patience_ms_(patience_ms) {
  const bool writes = access == Access::write;
  if (writes && path != kInMemory) make_private_file(path);
  if (key) files_ = std::make_unique<EncryptedFiles>(*key);
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int result =
      sqlite3_open_v2(path.c_str(), &database, flags, files_ ? files_->name() : nullptr);
  database_.reset(database);
  if (files_ && !files_->problem().empty())
    fail(ErrorCode::invalid_argument, name, files_->problem());
  if (result != SQLITE_OK) throw_sqlite(result, name, database);
  if (files_) {
    int free_bytes = kSealBytes;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_RESERVE_BYTES, &free_bytes);
    execute("PRAGMA temp_store = MEMORY");  // SQLite's temporary files would be readable
  }
  add_checksum_function(database);
  add_embedding_function(database);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, patience_ms);
}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;

void Database::queue_writers(const std::string& path) {
  queue_ = std::make_unique<WriterQueue>(path);
}

void Database::set_patience(int patience_ms) {
  patience_ms_ = patience_ms;
  sqlite3_busy_timeout(database_.get(), patience_ms);
}

/// Begins a writing transaction unless another process has one.
bool Database::try_to_begin() const {
  const Statement begin = prepare("BEGIN IMMEDIATE");
  sqlite3_busy_timeout(database_.get(), 0);
  const int result = sqlite3_step(begin.statement_.get());
  sqlite3_busy_timeout(database_.get(), patience_ms_);
  if (result == SQLITE_DONE) return true;
  if ((result & 0xff) == SQLITE_BUSY) return false;
  throw_sqlite(result, *name_, database_.get());
}

Statement Database::prepare(std::string_view sql) const {
  return {*name_, database_.get(), *statements_, sql};
}

void Database::execute(const std::string& sql) const {
  errno = 0;
  const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) throw_sqlite(result, *name_, database_.get());
}

std::int64_t Database::integer(std::string_view sql) const {
  Statement statement = prepare(sql);
  if (!statement.step())
    fail(ErrorCode::corruption, *name_, "lacks a row it should have; restore a copy");
  return statement.integer(0);
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(database_.get());
}

std::size_t Database::changes() const {
  return static_cast<std::size_t>(sqlite3_changes64(database_.get()));
}

bool Database::is_read_only() const {
  return sqlite3_db_readonly(database_.get(), "main") == 1;
}

std::optional<Key> Database::data_key() const {
  if (!files_) return {};
  return EncryptedFiles::data_key(database_.get());
}

void Database::change_key(const Key& key) {
  if (!files_)
    fail(ErrorCode::invalid_argument, *name_, "is not encrypted; export it with a key instead");
  const Transaction alone(*this, Transaction::Kind::write);  // one change at a time
  files_->change_key(database_.get(), key);
}

WriterTurn::WriterTurn(const Database& database) : queue_(database.queue_.get()) {
  if (queue_ && !queue_->claim(database.patience_ms_))
    throw_sqlite(SQLITE_BUSY, *database.name_, nullptr);
}

WriterTurn::~WriterTurn() {
  if (queue_) queue_->release();
}

Transaction::Transaction(const Database& database, Kind kind) : database_(database) {
  if (kind == Kind::read || !database.queue_)
    database.prepare(kind == Kind::read ? "BEGIN" : "BEGIN IMMEDIATE").run();
  else if (!database.queue_->wait([&] { return database.try_to_begin(); }, database.patience_ms_))
    throw_sqlite(SQLITE_BUSY, *database.name_, nullptr);
}

// After a full disk SQLite may have rolled back by itself; then there is nothing left to do.
Transaction::~Transaction() {
  if (open_ && !sqlite3_get_autocommit(database_.database_.get()))
    sqlite3_exec(database_.database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.prepare("COMMIT").run();
  open_ = false;
}

}  // namespace fovea
