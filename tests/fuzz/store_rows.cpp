// A store whose file is sound and whose rows are not: values of any type in any column, without the
// checks that SQLite would make. It is taken in, and everything in it is asked for.
//
// An input is a list of changes, each five bytes and a value: table, column, row, kind of value,
// length.
#include <sqlite3.h>

#include <memory>
#include <vector>

#include "memory/store.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stores.h"

using namespace fovea;

namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Connection = std::unique_ptr<sqlite3, Close>;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

Connection open(const std::string& file) {
  sqlite3* database = nullptr;
  if (sqlite3_open(file.c_str(), &database) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
  return Connection(database);
}

void execute(const Connection& database, const char* sql) {
  char* message = nullptr;
  if (sqlite3_exec(database.get(), sql, nullptr, nullptr, &message) != SQLITE_OK)
    throw std::runtime_error(std::string(sql) + ": " + message);
}

Prepared prepare(const Connection& database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database.get(), sql.c_str(), -1, &statement, nullptr);
  return Prepared(statement);
}

struct Column {
  std::string table, name;
};

/// Every column of the store's own tables.
std::vector<Column> columns_of(const Connection& database) {
  std::vector<Column> columns;
  const Prepared row = prepare(
      database,
      "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = "
      "'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'piece_words%' ORDER BY 1, c.cid");
  const auto text = [&](int column) {
    return std::string(reinterpret_cast<const char*>(sqlite3_column_text(row.get(), column)));
  };
  while (sqlite3_step(row.get()) == SQLITE_ROW) columns.push_back({text(0), text(1)});
  return columns;
}

/// A full store whose tables take values of every type.
struct Base {
  std::string bytes;
  std::vector<Column> columns;

  Base() {
    const fuzz::Folder folder;
    const std::string file = folder.file("base.db");
    fuzz::write_file(file, fuzz::full_store());
    const Connection database = open(file);
    sqlite3_db_config(database.get(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    columns = columns_of(database);
    execute(database,
            "PRAGMA journal_mode = DELETE; PRAGMA writable_schema = ON;"
            "UPDATE sqlite_schema SET sql = replace(replace(sql, ' STRICT, ', ' '), ' STRICT', '')"
            " WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'; PRAGMA writable_schema = RESET;");
    bytes = fuzz::read_file(file);
  }
};

/// Takes an input apart from the front.
class Changes {
 public:
  explicit Changes(std::string_view bytes) : rest_(bytes) {}
  bool more() const { return !rest_.empty(); }
  std::size_t below(std::size_t limit) {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte % limit;
  }
  std::string_view take(std::size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

void bind(sqlite3_stmt* statement, std::size_t kind, std::string_view value) {
  const int size = static_cast<int>(value.size());
  std::int64_t number = 0;
  for (const unsigned char byte : value.substr(0, 8)) number = number << 8 | byte;
  switch (kind) {
    case 0: sqlite3_bind_int64(statement, 1, number); break;
    case 1: sqlite3_bind_int64(statement, 1, -number); break;
    case 2: sqlite3_bind_double(statement, 1, static_cast<double>(number) / 1000); break;
    case 3: sqlite3_bind_text(statement, 1, value.data(), size, SQLITE_TRANSIENT); break;
    case 4: sqlite3_bind_blob(statement, 1, value.data(), size, SQLITE_TRANSIENT); break;
    default: sqlite3_bind_null(statement, 1);
  }
}

void change(const Connection& database, const std::vector<Column>& columns, Changes& changes) {
  const Column& column = columns[changes.below(columns.size())];
  const std::string row = std::to_string(changes.below(4));
  const std::size_t kind = changes.below(6);
  const std::string_view value = changes.take(changes.below(64));
  // Of a table without row ids, all rows.
  for (const std::string& where : {" WHERE rowid = (SELECT min(rowid) FROM \"" + column.table +
                                       "\") + " + row,
                                   std::string()}) {
    const Prepared update = prepare(database, "UPDATE OR IGNORE \"" + column.table + "\" SET \"" +
                                                  column.name + "\" = ?" + where);
    if (!update) continue;
    bind(update.get(), kind, value);
    sqlite3_step(update.get());
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Base base;
  const fuzz::Folder folder;
  const std::string file = folder.file("foreign.db");
  fuzz::write_file(file, base.bytes);
  {
    const Connection database = open(file);
    execute(database,
            "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;"
            "PRAGMA synchronous = OFF");
    Changes changes(fuzz::text_of(data, size));
    while (changes.more()) change(database, base.columns, changes);
  }
  fuzz::check_import(folder, file);
  fuzz::accepts([&] {
    Store store(file);
    fuzz::ask_everything(store, fuzz::kAnn);
  });
  return 0;
}
