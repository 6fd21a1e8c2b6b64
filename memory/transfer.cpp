#include "memory/transfer.h"

#include <algorithm>
#include <map>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/hashed_words.h"
#include "memory/page_rows.h"
#include "memory/piece_vectors.h"
#include "memory/pieces.h"

namespace fovea {
namespace {

struct Table {
  std::string name;
  std::vector<std::string> columns;

  bool has(const std::string& column) const {
    return std::ranges::find(columns, column) != columns.end();
  }
};

/// All tables with rows of a scope, without their checksums. The index of words is made again from
/// the pieces, and so are their blocks.
std::vector<Table> tables_of(const Database& database) {
  std::vector<Table> tables;
  Statement table = database.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
      "AND name NOT LIKE 'piece_words%' AND name NOT IN ('store', 'scopes', 'checkpoints', 'embedders', "
      "'piece_blocks') "
      "ORDER BY name");
  Statement column = database.prepare(
      "SELECT name FROM pragma_table_info(?) WHERE name <> 'checksum' ORDER BY cid");
  while (table.step()) {
    tables.push_back({table.text(0), {}});
    column.bind(tables.back().name);
    while (column.step()) tables.back().columns.push_back(column.text(0));
  }
  return tables;
}

class Copier {
 public:
  Copier(const Database& from, ScopeId scope, const Database& to, ScopeId into)
      : from_(from), scope_(scope), to_(to), into_(into) {
    page_shift_ = to.integer("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'pages'");
    message_shift_ = to.integer("SELECT coalesce(max(id), 0) FROM messages");
    change_ = stamp_embeddings(to);
  }

  void copy(const Table& table) {
    Statement read = from_.prepare(select(table));
    Statement write = to_.prepare(insert(table));
    read.bind(scope_);
    while (read.step()) {
      write.reset();
      for (std::size_t i = 0; i < table.columns.size(); ++i) write_column(table, i, read, write);
      const int sound = static_cast<int>(table.columns.size());
      write.set(sound + 1, read.integer(sound));
      write.run();
    }
  }

  void index_words() {
    index_pieces(to_, into_);
    Statement add = to_.prepare("INSERT INTO piece_words (rowid, text) VALUES (?, ?)");
    for (const auto& [row, text] : read_hashed_rows(from_)) {
      if (row >> 32 == scope_) add.bind(word_row(into_, row & 0xffffffff), text).run();
    }
  }

 private:
  static std::string list_of(const Table& table) {
    std::string list;
    for (const std::string& column : table.columns) list += (list.empty() ? "" : ", ") + column;
    return list;
  }

  static std::string select(const Table& table) {
    return "SELECT " + list_of(table) + ", " + is_sound(table.name) + " FROM " + table.name +
           " WHERE " + of_scope(table) + " ORDER BY " + table.columns.front();
  }

  /// SQL with the scope as its parameter.
  static std::string of_scope(const Table& table) {
    if (table.has("scope")) return "scope = ?1";
    if (table.has("page")) return "page IN (SELECT id FROM pages WHERE scope = ?1)";
    if (table.has("piece")) return "piece >= ?1 << 32 AND piece < (?1 + 1) << 32";
    throw Error(ErrorCode::unsupported, "table " + table.name + " has rows of no scope");
  }

  /// The last parameter says whether the row is sound: a damaged one is damaged there, too.
  static std::string insert(const Table& table) {
    std::string marks;
    for (std::size_t i = 1; i <= table.columns.size(); ++i) marks += parameter(i) + ", ";
    const auto of_column = [&](std::string_view column) {
      const auto at = std::ranges::find(table.columns, column) - table.columns.begin();
      return parameter(static_cast<std::size_t>(at) + 1);
    };
    const std::string sum = checksum_over(*find_checked_table(table.name), of_column);
    const std::string sound = parameter(table.columns.size() + 1);
    return "INSERT INTO " + table.name + " (" + list_of(table) + ", checksum) VALUES (" + marks +
           "iif(" + sound + ", " + sum + ", ~" + sum + "))";
  }

  void write_column(const Table& table, std::size_t i, const Statement& read, Statement& write) {
    const std::string& column = table.columns[i];
    const int from = static_cast<int>(i), to = from + 1;
    const auto shifted = [&](std::int64_t by) {
      const std::int64_t id = read.integer(from);
      write.set(to, id == 0 ? id : id + by);  // 0: no page, as in the history
    };
    if (column == "scope") return write.set(to, into_);
    if (column == "page" || (column == "id" && table.name == "pages")) return shifted(page_shift_);
    if (column == "message" || (column == "id" && table.name == "messages"))
      return shifted(message_shift_);
    if (column == "id") return write.set_null(to);  // given anew, in the same order
    if (column == "piece")
      return write.set(to, word_row(into_, read.integer(from) - word_row(scope_, 0)));
    if (column == "embedder") return write.set(to, embedder(read.integer(from)));
    if (column == "checkpoint") return write.set(to, checkpoint(read.integer(from)));
    if (column == "change") return write.set(to, change_);
    write.copy_from(to, read, from);
  }

  /// The row there of a checkpoint here.
  std::int64_t checkpoint(std::int64_t id) {
    const auto [known, is_new] = checkpoints_.try_emplace(id);
    if (!is_new) return known->second;
    Statement row = from_.prepare("SELECT fingerprint FROM checkpoints WHERE id = ?");
    if (!row.bind(id).step())
      throw Error(ErrorCode::corruption,
                  "store " + from_.name() + " has lost the name of a checkpoint; restore a copy");
    return known->second = checkpoint_id(to_, row.bytes(0));
  }

  std::int64_t embedder(std::int64_t id) {
    const auto [known, is_new] = embedders_.try_emplace(id);
    if (!is_new) return known->second;
    Statement row = from_.prepare("SELECT name FROM embedders WHERE id = ?");
    if (!row.bind(id).step())
      throw Error(ErrorCode::corruption,
                  "store " + from_.name() + " has lost the name of an embedder; restore a copy");
    return known->second = embedder_id(to_, row.bytes(0));
  }

  const Database& from_;
  ScopeId scope_;
  const Database& to_;
  ScopeId into_;
  std::map<std::int64_t, std::int64_t> checkpoints_, embedders_;
  std::int64_t page_shift_ = 0, message_shift_ = 0, change_ = 0;
};

/// Ids are moved behind those of the other store, and SQLite gives none above its largest.
void require_ids_to_move(const Database& from) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  for (const std::string table : {"pages", "messages"}) {
    const std::int64_t largest = from.integer("SELECT coalesce(max(id), 0) FROM " + table);
    const std::int64_t least = from.integer("SELECT coalesce(min(id), 1) FROM " + table);
    if (largest > kMost || least < 1)
      throw Error(ErrorCode::corruption, "store " + from.name() + ": the ids of its " + table +
                                             " go from " + std::to_string(least) + " to " +
                                             std::to_string(largest) +
                                             ", expected 1 to 2^53; restore a copy");
  }
}

}  // namespace

void copy_scope(const Database& from, ScopeId scope, const Database& to, ScopeId into) {
  const Transaction snapshot(from, Transaction::Kind::read);
  require_ids_to_move(from);
  Copier copier(from, scope, to, into);
  for (const Table& table : tables_of(to)) copier.copy(table);  // a foreign file may name anything
  copier.index_words();
}

}  // namespace fovea
