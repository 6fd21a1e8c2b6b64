#include "memory/database.h"

#include <cstring>

#include "fovea/error.h"
#include "memory/postgres_engine.h"
#include "memory/server_url.h"
#include "memory/sqlite_engine.h"

namespace fovea {
namespace {

std::unique_ptr<Engine> open_engine(const Database& database, const std::string& path,
                                    int patience_ms, const std::optional<Key>& key, Access access) {
  if (is_server_url(path))
    return open_postgres(database, server_from_url(path), patience_ms, key, access);
  return std::make_unique<SqliteEngine>(database, path, patience_ms, key, access);
}

}  // namespace

Statement& Statement::bind_list(std::span<const BoundValue> values) {
  reset();
  int index = 0;
  for (const BoundValue& value : values) {
    ++index;
    std::visit([&](const auto& held) { bind_one(index, held); }, value);
  }
  return *this;
}

bool Statement::step() { return statement_->step(); }

void Statement::run() { statement_->run(); }

void Statement::reset() { statement_->reset(); }

void Statement::copy_from(int index, const Statement& row, int column) {
  switch (row.statement_->type(column)) {
    case ValueType::null: return bind_null(index);
    case ValueType::integer: return bind_one(index, row.integer(column));
    case ValueType::real: return bind_one(index, row.real(column));
    case ValueType::text: return bind_one(index, row.bytes(column));
    case ValueType::blob: return bind_one(index, Blob(row.bytes(column)));
  }
}

void Statement::copy_items(int column, std::size_t item_size, void* to) const {
  const std::string_view from = bytes(column);
  if (from.size() % item_size != 0)
    throw Error(ErrorCode::corruption,
                "store " + *name_ + " has a value that is cut short; run `memctl verify`");
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

Database::Database(const std::string& path, const std::string& name, int patience_ms,
                   const std::optional<Key>& key, Access access)
    : name_(name),
      engine_(open_engine(*this, path, patience_ms, key, access)),
      statements_(std::make_unique<StatementCache>()),
      patience_ms_(patience_ms) {}

void Database::set_patience(int patience_ms) {
  patience_ms_ = patience_ms;
  engine_->set_patience(patience_ms);
}

Statement Database::prepare(std::string_view sql) const {
  auto statement = statements_->take(sql);
  if (!statement) statement = engine_->compile(sql);
  return {name_, *statements_, std::move(statement)};
}

std::int64_t Database::integer(std::string_view sql) const {
  Statement statement = prepare(sql);
  if (!statement.step())
    throw Error(ErrorCode::corruption,
                "store " + name_ + " lacks a row it should have; restore a copy");
  return statement.integer(0);
}

sqlite3* Database::handle() const {
  const auto* engine = dynamic_cast<const SqliteEngine*>(engine_.get());
  return engine ? engine->handle() : nullptr;
}

Transaction::Transaction(const Database& database, Kind kind, std::int64_t scope)
    : database_(database) {
  if (kind == Kind::read)
    database.engine().begin_reading();
  else
    database.engine().begin_writing(scope);
}

Transaction::~Transaction() {
  if (open_) database_.engine().roll_back();
}

void Transaction::commit() {
  database_.engine().commit();
  open_ = false;
}

}  // namespace fovea
