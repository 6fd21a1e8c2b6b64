#include "memory/transfer.h"

#include <algorithm>
#include <map>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/hashed_words.h"
#include "memory/page_rows.h"
#include "memory/piece_vectors.h"
#include "memory/pieces.h"
#include "memory/word_index.h"

namespace fovea {
namespace {

struct Table {
  std::string name;
  std::vector<std::string> columns;

  bool has(const std::string& column) const {
    return std::ranges::find(columns, column) != columns.end();
  }
};

/// Rows of these have ids that others name. Where nobody does, ids are given anew in the same
/// order.
bool keeps_ids(std::string_view table) { return table == "messages" || table == "pages"; }

/// All tables with rows of a scope, without their checksums. The index of words is made again from
/// the pieces, and so are their blocks.
std::vector<Table> tables_of_scopes() {
  std::vector<Table> tables;
  for (const CheckedTable& table : checked_tables()) {
    if (table.name == "store" || table.name == "piece_blocks") continue;
    Table& made = tables.emplace_back(Table{std::string(table.name), {}});
    if (keeps_ids(table.name)) made.columns.emplace_back("id");
    made.columns.insert(made.columns.end(), table.columns.begin(), table.columns.end());
  }
  return tables;
}

/// The ids that rows get in the other store.
class MovedIds {
 public:
  /// `sql`: those here, in order, with the scope as its parameter.
  MovedIds(const Database& from, const std::string& sql, ScopeId scope, const Database& to,
           const std::string& table) {
    Statement row = from.prepare(sql);
    row.bind(scope);
    while (row.step()) theirs_.push_back(row.integer(0));
    ours_ = to.engine().new_ids(table, theirs_);
  }

  /// A damaged row may name one that does not exist.
  std::int64_t of(std::int64_t id) const {
    const auto found = std::ranges::lower_bound(theirs_, id);
    if (found != theirs_.end() && *found == id)
      return ours_[static_cast<std::size_t>(found - theirs_.begin())];
    return theirs_.empty() ? id : id + (ours_.front() - theirs_.front());
  }

 private:
  std::vector<std::int64_t> theirs_, ours_;
};

class Copier {
 public:
  Copier(const Database& from, ScopeId scope, const Database& to, ScopeId into)
      : from_(from),
        scope_(scope),
        to_(to),
        into_(into),
        pages_(from,
               "SELECT id FROM pages WHERE scope = ?1 UNION "
               "SELECT page FROM history WHERE scope = ?1 AND page <> 0 ORDER BY 1",
               scope, to, "pages"),
        messages_(from, "SELECT id FROM messages WHERE scope = ? ORDER BY id", scope, to,
                  "messages"),
        change_(to.engine().stamp_embeddings(into)) {}

  void copy(const Table& table) {
    Statement read = from_.prepare(select(table));
    Statement write = to_.prepare(insert(table));
    if (table.has("piece"))
      read.bind(word_row(scope_, 0), word_row(scope_ + 1, -1));
    else
      read.bind(scope_);
    const int sound = static_cast<int>(table.columns.size());
    const bool has_checksums = to_.engine().has_row_checksums();
    while (read.step()) {
      write.reset();
      for (std::size_t i = 0; i < table.columns.size(); ++i) write_column(table, i, read, write);
      if (has_checksums) write.set(sound + 1, read.integer(sound));
      write.run();
    }
  }

  void index_words() {
    index_pieces(to_, into_);
    for (const auto& [row, text] : read_hashed_rows(from_)) {
      if (row >> 32 == scope_) to_.words().add(word_row(into_, row & 0xffffffff), text);
    }
  }

 private:
  static std::string list_of(const Table& table) {
    std::string list;
    for (const std::string& column : table.columns) list += (list.empty() ? "" : ", ") + column;
    return list;
  }

  std::string select(const Table& table) const {
    const bool has_id =
        keeps_ids(table.name) || table.name == "verbatim" || table.name == "history";
    return "SELECT " + list_of(table) + ", " + is_sound(from_, table.name) + " FROM " + table.name +
           " WHERE " + of_scope(table) + " ORDER BY " + (has_id ? "id" : table.columns.front());
  }

  /// SQL with the scope as its parameter, or the first and the last row of its pieces.
  static std::string of_scope(const Table& table) {
    if (table.has("scope")) return "scope = ?1";
    if (table.has("page")) return "page IN (SELECT id FROM pages WHERE scope = ?1)";
    if (table.has("piece")) return "piece BETWEEN ?1 AND ?2";
    throw Error(ErrorCode::unsupported, "table " + table.name + " has rows of no scope");
  }

  /// The last parameter says whether the row is sound: a damaged one is damaged there, too.
  std::string insert(const Table& table) const {
    std::string columns = list_of(table), marks;
    for (std::size_t i = 1; i <= table.columns.size(); ++i)
      marks += (i > 1 ? ", " : "") + parameter(i);
    if (to_.engine().has_row_checksums()) {
      const auto of_column = [&](std::string_view column) {
        const auto at = std::ranges::find(table.columns, column) - table.columns.begin();
        return parameter(static_cast<std::size_t>(at) + 1);
      };
      const std::string sum = checksum_over(*find_checked_table(table.name), of_column);
      columns += ", checksum";
      marks += ", iif(" + parameter(table.columns.size() + 1) + ", " + sum + ", ~" + sum + ")";
    }
    return "INSERT INTO " + table.name + " (" + columns + ") VALUES (" + marks + ")";
  }

  void write_column(const Table& table, std::size_t i, const Statement& read, Statement& write) {
    const std::string& column = table.columns[i];
    const int from = static_cast<int>(i), to = from + 1;
    const auto moved = [&](const MovedIds& ids) {
      const std::int64_t id = read.integer(from);
      write.set(to, id == 0 ? id : ids.of(id));  // 0: no page, as in the history
    };
    if (column == "scope") return write.set(to, into_);
    if (column == "page" || (column == "id" && table.name == "pages")) return moved(pages_);
    if (column == "message" || (column == "id" && table.name == "messages"))
      return moved(messages_);
    if (column == "piece")
      return write.set(to, word_row(into_, read.integer(from) - word_row(scope_, 0)));
    if (column == "embedder") return write.set(to, embedder(read.integer(from)));
    if (column == "checkpoint") return write.set(to, checkpoint(read.integer(from)));
    if (column == "change") return write.set(to, change_);
    // Text that may be cut anywhere: PostgreSQL keeps it as bytes.
    const bool is_text = column == "label" || column == "opening" || column == "leaves_open";
    if (is_text && !read.is_null(from)) return write.set(to, read.bytes(from));
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
  MovedIds pages_, messages_;
  std::int64_t change_;
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
  for (const Table& table : tables_of_scopes()) copier.copy(table);
  copier.index_words();
}

}  // namespace fovea
