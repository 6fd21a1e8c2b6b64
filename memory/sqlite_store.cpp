#include <chrono>
#include <filesystem>
#include <thread>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/free_space.h"
#include "memory/pieces.h"
#include "memory/schema.h"
#include "memory/sqlite_engine.h"
#include "memory/sqlite_words.h"

// What SQLite does for a store beside keeping its rows.

namespace fovea {
namespace {

std::size_t size_of_file(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::size_t>(size);
}

}  // namespace

/// Keeps other processes from writing while several transactions in a row are done. Throws
/// Error(io) when another one keeps it too long.
class SqliteEngine::WriterTurn {
 public:
  explicit WriterTurn(SqliteEngine& engine) : queue_(engine.queue_.get()) {
    if (queue_ && !queue_->claim(engine.patience_ms_))
      throw Error(ErrorCode::io,
                  "store " + engine.database_.name() + " is locked by another process; try again");
  }
  ~WriterTurn() {
    if (queue_) queue_->release();
  }
  WriterTurn(const WriterTurn&) = delete;
  WriterTurn& operator=(const WriterTurn&) = delete;

 private:
  WriterQueue* queue_;
};

/// Write-ahead logging: readers and a writer do not wait for each other. Only the very first switch
/// needs the file for itself, and SQLite does not wait for that by itself.
void SqliteEngine::use_write_ahead_log() {
  constexpr int kPause = 20;
  for (int waited = 0;; waited += kPause) {
    try {
      return execute("PRAGMA journal_mode = WAL");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::io || waited >= patience_ms_) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kPause));
  }
}

void SqliteEngine::open_store(std::int64_t max_file_bytes) {
  require_ours(database_);
  use_write_ahead_log();
  execute(
      "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;"
      "PRAGMA cell_size_check = ON; PRAGMA synchronous = NORMAL;"
      "PRAGMA temp_store = MEMORY");  // words and sorted rows stay off the disk
  if (max_file_bytes > 0) {
    const std::int64_t pages = max_file_bytes / database_.integer("PRAGMA page_size");
    execute("PRAGMA max_page_count = " + std::to_string(pages));
  }
  queue_ = std::make_unique<WriterQueue>(path_ + ".queue");
  prepare_schema(database_);
  execute("PRAGMA foreign_keys = ON");  // not before: migrations replace tables
  add_waiting_words(database_);
  cut_older_messages(database_);
}

std::int64_t SqliteEngine::embedding_stamp() {
  return database_.integer("SELECT embedding_stamp FROM store");
}

std::int64_t SqliteEngine::stamp_embeddings(std::int64_t /*scope*/) {
  const std::int64_t stamp = database_.integer("SELECT random()");
  database_.prepare(update_checked(database_, "store", {{"embedding_stamp", "?1"}}))
      .bind(stamp)
      .run();
  return stamp;
}

void SqliteEngine::note_removed_text(std::int64_t /*scope*/, bool erased) {
  execute(update_checked(database_, "store", {{"text_removals", "text_removals + 1"}}));
  if (erased) execute(update_checked(database_, "store", {{"text_erased", "text_removals"}}));
}

bool SqliteEngine::is_unclean() {
  return database_.integer("SELECT text_cleaned < text_erased FROM store") != 0;
}

/// Empties the WAL into the file. False when a reader still needs it: writers wait meanwhile, so
/// not for long.
bool SqliteEngine::truncate_log() {
  constexpr int kMilliseconds = 2000;
  const int before = patience_ms_;
  set_patience(std::min(before, kMilliseconds));
  const bool truncated = database_.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
  set_patience(before);
  return truncated;
}

/// Whether deleted text may have left more than the WAL has of it: in a file of an older version, or
/// one that is too large to be wiped (free_space.h), or when words were not taken out in place. And
/// whether at least half of the file is free, so that it may shrink.
bool SqliteEngine::wants_rewriting() const {
  const std::int64_t pages = database_.integer("PRAGMA page_count");
  return database_.integer("SELECT holds_copies FROM store") != 0 ||
         pages * database_.integer("PRAGMA page_size") > kLargestWiped ||
         2 * database_.integer("PRAGMA freelist_count") > pages;
}

bool SqliteEngine::rewrite() {
  // The segments of a full-text index lose a word that FTS5 has taken out when they are merged.
  if (database_.integer("SELECT holds_copies FROM store") != 0)
    execute("INSERT INTO piece_words (piece_words) VALUES ('optimize')");
  if (!truncate_log()) return false;
  execute("VACUUM");
  return true;
}

// secure_delete overwrites deleted rows, the file has no copies of them (free_space.h), and words are
// taken out of the index in place (word_segments.h). So the WAL is emptied, and that is all.
bool SqliteEngine::clean() {
  // Several that have erased wait here: the first one cleans for all.
  const WriterTurn turn(*this);
  const std::int64_t removals = database_.integer("SELECT text_removals FROM store");
  if (database_.integer("SELECT text_cleaned FROM store") >= removals) return true;
  if (wants_rewriting() && !rewrite()) return false;
  if (!truncate_log()) return false;
  database_
      .prepare(update_checked(database_, "store",
                              {{"text_cleaned", "max(text_cleaned, ?1)"}, {"holds_copies", "0"}}))
      .bind(removals)
      .run();
  return true;
}

/// They are moved behind the others; a store that was always empty keeps them.
std::vector<std::int64_t> SqliteEngine::new_ids(const std::string& table,
                                                std::span<const std::int64_t> theirs) {
  const std::int64_t last = database_.integer(
      table == "pages" ? "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'pages'"
                       : "SELECT coalesce(max(id), 0) FROM " + table);
  std::vector<std::int64_t> ids;
  for (const std::int64_t id : theirs) ids.push_back(id + last);
  return ids;
}

void SqliteEngine::defer_references() { execute("PRAGMA defer_foreign_keys = ON"); }

void SqliteEngine::back_up(const std::string& file) {
  database_.prepare("VACUUM INTO ?").bind(file).run();
}

std::size_t SqliteEngine::stored_bytes() {
  return size_of_file(path_) + size_of_file(path_ + "-wal");
}

void SqliteEngine::check(const std::function<void(const std::string&)>& find) {
  Statement line = database_.prepare("PRAGMA integrity_check(20)");
  while (line.step()) {
    if (line.bytes(0) != "ok") find("file: " + line.text(0));
  }
  Statement key = database_.prepare("PRAGMA foreign_key_check");
  while (key.step())
    find("table " + key.text(0) + ": row " + std::to_string(key.integer(1)) + " names a row of " +
         key.text(2) + " that does not exist");
  // A changed letter in a table's SQL may do anything.
  for (const std::string& name : changed_tables(database_)) find("table " + name + " was changed");
  // Ids of pages are never given again: the last one given is known.
  const std::int64_t last = database_.integer(
      "SELECT coalesce(max(iif(name = 'pages', seq, NULL)), 0) FROM sqlite_sequence");
  if (last < database_.integer("SELECT coalesce(max(id), 0) FROM pages") ||
      database_.integer("SELECT count(*) FROM sqlite_sequence") > 1)
    find("the number of the last page was changed");
}

}  // namespace fovea
