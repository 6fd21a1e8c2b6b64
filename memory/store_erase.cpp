#include <filesystem>
#include <set>

#include "fovea/error.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

/// Takes pages out of every table, counting rows.
class Eraser {
 public:
  Eraser(const Database& database, ScopeId scope) : database_(database), scope_(scope) {}

  void erase_pages(std::span<const PageId> pages) {
    note_messages(pages);
    const RemovedText text = remove_text(database_, pages);
    count("archive", text.archive);
    count("full_text", text.full_text);
    for (const char* table : {"tokens", "embeddings", "page_fidelity", "anchors",
                              "corrections", "page_spans"})
      remove_each(table, "page", pages);
    Statement history = database_.prepare("DELETE FROM history WHERE scope = ? AND page = ?");
    for (const PageId page : pages) count("history", remove(history.bind(scope_, page)));
    remove_each("pages", "id", pages);
    remove_messages_left();
  }

  /// Removes what the scope has in `table`.
  void erase_all_of(const std::string& table) {
    Statement statement = database_.prepare("DELETE FROM " + table + " WHERE scope = ?");
    count(table, remove(statement.bind(scope_)));
  }

  std::map<std::string, std::size_t> rows() && { return std::move(rows_); }

 private:
  /// The messages that are on these pages: nothing may be left of them afterwards.
  void note_messages(std::span<const PageId> pages) {
    Statement row = database_.prepare("SELECT message FROM page_spans WHERE page = ?");
    for (const PageId page : pages) {
      row.bind(page);
      while (row.step()) messages_.insert(row.integer(0));
    }
  }

  void remove_messages_left() {
    Statement statement = database_.prepare(
        "DELETE FROM messages WHERE id = ?1 "
        "AND NOT EXISTS (SELECT 1 FROM page_spans WHERE message = ?1) "
        "AND NOT EXISTS (SELECT 1 FROM verbatim WHERE message = ?1)");
    for (const std::int64_t message : messages_) count("messages", remove(statement.bind(message)));
  }

  void remove_each(const std::string& table, const std::string& key, std::span<const PageId> ids) {
    Statement statement = database_.prepare("DELETE FROM " + table + " WHERE " + key + " = ?");
    for (const PageId id : ids) count(table, remove(statement.bind(id)));
  }

  std::size_t remove(Statement& statement) {
    statement.run();
    return database_.changes();
  }

  void count(const std::string& table, std::size_t rows) {
    if (rows > 0) rows_[table] += rows;
  }

  const Database& database_;
  ScopeId scope_;
  std::set<std::int64_t> messages_;
  std::map<std::string, std::size_t> rows_;
};

std::vector<PageId> page_ids(const Database& database, ScopeId scope) {
  std::vector<PageId> ids;
  Statement row = database.prepare("SELECT id FROM pages WHERE scope = ? ORDER BY place");
  row.bind(scope);
  while (row.step()) ids.push_back(row.integer(0));
  return ids;
}

Level level_of(const Database& database, PageId page) {
  Statement row = database.prepare("SELECT level FROM pages WHERE id = ?");
  row.bind(page).step();
  return level_from_name(row.bytes(0));
}

/// Has the vector index forget: its file holds the erased pages' embeddings, and is made again when
/// it is needed. Inside the erasing transaction, so that no other process writes the old one after
/// it.
void forget_embeddings(const Database& database, const std::string& index_path) {
  stamp_embeddings(database);
  std::error_code ignored;  // a file that cannot be removed is stale by its stamp
  std::filesystem::remove(index_path, ignored);
}

/// Empties the WAL into the file. False when a reader still needs it.
bool truncate_log(const Database& database) {
  return database.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
}

}  // namespace

std::int64_t stamp_embeddings(const Database& database) {
  database.execute("UPDATE store SET embedding_stamp = random()");
  return database.integer("SELECT embedding_stamp FROM store");
}

void note_removed_text(const Database& database, bool erased) {
  database.execute("UPDATE store SET text_removals = text_removals + 1");
  if (erased) database.execute("UPDATE store SET text_erased = text_removals");
}

Erased Store::erase_pages(ScopeId scope, std::span<const PageId> ids, Time now,
                          std::string_view event, std::string_view reason) {
  const Database& database = impl_->database;
  const std::set<PageId> different(ids.begin(), ids.end());
  Erased erased{.pages = {different.begin(), different.end()}, .rows = {}};
  if (erased.pages.empty()) return erased;
  {
    Transaction transaction(database, Transaction::Kind::write);
    std::vector<HistoryEntry> entries;
    for (const PageId id : erased.pages) {
      require_page(database, scope, id);
      const Level level = level_of(database, id);
      entries.push_back({.time = now,
                         .event = std::string(event),
                         .page = id,
                         .from = level,
                         .reason = std::string(reason),
                         .tokens_saved = token_count(level)});
    }
    Eraser eraser(database, scope);
    eraser.erase_pages(erased.pages);
    for (const HistoryEntry& entry : entries) write_history(database, scope, entry);
    forget_embeddings(database, impl_->index_path);
    note_removed_text(database, true);
    transaction.commit();
    erased.rows = std::move(eraser).rows();
  }
  erased.bytes_gone = clean();
  return erased;
}

Erased Store::erase_scope(ScopeId scope, Time now) {
  const Database& database = impl_->database;
  Erased erased;
  {
    Transaction transaction(database, Transaction::Kind::write);
    erased.pages = page_ids(database, scope);
    Eraser eraser(database, scope);
    eraser.erase_pages(erased.pages);
    for (const char* table : {"verbatim", "messages", "history"}) eraser.erase_all_of(table);
    write_history(database, scope, {.time = now, .event = "erase"});
    forget_embeddings(database, impl_->index_path);
    note_removed_text(database, true);
    transaction.commit();
    erased.rows = std::move(eraser).rows();
  }
  erased.bytes_gone = clean();
  return erased;
}

// SQLite's secure_delete overwrites deleted rows, but not the copies that stay behind when it moves
// rows between b-tree pages; nor do a full-text index's segments lose a word before they are
// merged. So the segments are merged, the file is rewritten, and the WAL emptied.
bool Store::clean() {
  const Database& database = impl_->database;
  try {
    const std::int64_t removals = database.integer("SELECT text_removals FROM store");
    database.execute("INSERT INTO full_text (full_text) VALUES ('optimize')");
    if (!truncate_log(database)) return false;
    database.execute("VACUUM");
    if (!truncate_log(database)) return false;
    database.prepare("UPDATE store SET text_cleaned = max(text_cleaned, ?)").bind(removals).run();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io) return false;  // locked or full: another time
    throw;
  }
  impl_->text_dropped = false;
  return true;
}

}  // namespace fovea
