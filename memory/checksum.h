#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "memory/database.h"

struct sqlite3;

namespace fovea {

/// A table whose rows carry a checksum of their other columns, so that a changed byte is found where
/// the value cannot tell by itself. Ids that SQLite gives are not in it: an index has them twice.
/// PostgreSQL's tables have no such column: its server checks whole disk pages.
struct CheckedTable {
  std::string_view name;
  std::string_view key;  ///< the column that names a row to people; empty: there is one row
  std::span<const std::string_view> columns;
  /// What verify says of a row: "page 12" and then this.
  std::string_view whose;
  std::string_view finding;
};

/// All of them; a table that is not among them has each of its values in an index as well.
std::span<const CheckedTable> checked_tables();
/// Nothing when rows of that table carry no checksum.
const CheckedTable* find_checked_table(std::string_view name);

/// Adds SQL's `fovea_checksum(value, ...)`: 64 bits over types and values. Migrations use it too, so
/// what it gives for a value must not change.
void add_checksum_function(sqlite3* database);

/// "?7", a numbered parameter.
std::string parameter(std::size_t number);
/// SQL for the checksum of a row whose column is `value_of(column)`.
template <class ValueOf>
std::string checksum_over(const CheckedTable& table, ValueOf value_of) {
  std::string sql;
  for (const std::string_view column : table.columns)
    sql += (sql.empty() ? "fovea_checksum(" : ", ") + std::string(value_of(column));
  return sql + ")";
}

/// SQL for a row that is as it was written; `alias`: of the table in the statement.
std::string is_sound(const Database& database, std::string_view table, std::string_view alias = {});
/// "INSERT INTO table (columns ...) VALUES (?1 ...)" with the checksum, which covers parameters in
/// the order of the table's `columns`.
std::string insert_checked(const Database& database, std::string_view table);
/// The same, which takes the place of the row that has the same `key` columns.
std::string upsert_checked(const Database& database, std::string_view table,
                           std::initializer_list<std::string_view> key);
/// "UPDATE table SET ..." to which a WHERE is added. A row that was damaged before stays known as
/// damaged. `changes`: columns and SQL for their new values.
std::string update_checked(
    const Database& database, std::string_view table,
    std::initializer_list<std::pair<std::string_view, std::string_view>> changes);

}  // namespace fovea
