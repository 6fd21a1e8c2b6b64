#include <filesystem>
#include <set>

#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/ask_each.h"
#include "memory/checksum.h"
#include "memory/page_rewrite.h"
#include "memory/pieces.h"
#include "memory/store_impl.h"
#include "memory/tombstones.h"

namespace fovea {
namespace {

/// Of the history. What says that something was erased stays: it holds no text, and a receipt of
/// long ago is to be found.
const std::string kNoReceipt = "reason NOT LIKE 'receipt %'";

/// Takes pages out of every table, counting rows.
class Eraser {
 public:
  Eraser(const Database& database, ScopeId scope) : database_(database), scope_(scope) {}

  void erase_pages(std::span<const PageId> pages) {
    note_messages(pages);
    count("pieces", remove_pieces(database_, scope_, ranges_of_pages(database_, pages), true));
    count("archive", remove_text(database_, scope_, pages));
    for (const char* table : {"tokens", "embeddings", "page_fidelity", "anchors",
                              "corrections", "page_spans"})
      remove_each(table, "page", pages);
    count_rows(
        "history",
        "DELETE FROM history WHERE scope = ? AND page = ? AND " + kNoReceipt + " RETURNING 1",
        pages, [&](Statement& row, PageId page) { row.bind(scope_, page); });
    remove_each("pages", "id", pages);
    remove_messages_left();
  }

  /// Draws pages from what is left of them, and takes the rest out of the verbatim text.
  void cut(std::span<const PageRewrite> pages, std::span<const MessageSpan> verbatim) {
    for (const PageRewrite& rewrite : pages) {
      for (const MessageSpan& span : rewrite.gone) messages_.insert(span.message);
      rewrite_page(database_, scope_, rewrite);
    }
    for (const MessageSpan& span : verbatim) messages_.insert(span.message);
    count("verbatim", cut_verbatim(database_, scope_, verbatim));
    remove_messages_left();
  }

  /// Removes what the scope has in `table`.
  void erase_all_of(const std::string& table) {
    Statement statement = database_.prepare("DELETE FROM " + table + " WHERE scope = ?");
    count(table, remove(statement.bind(scope_)));
  }

  void erase_history() {
    Statement statement =
        database_.prepare("DELETE FROM history WHERE scope = ? AND " + kNoReceipt);
    count("history", remove(statement.bind(scope_)));
  }

  /// Removes messages that fill no page yet, with their text. `condition`: SQL with the scope as its
  /// parameter. False when there are none.
  bool erase_messages(const std::string& condition) {
    Statement row = database_.prepare("SELECT id FROM messages WHERE " + condition);
    row.bind(scope_);
    std::vector<PageId> messages;
    while (row.step()) messages.push_back(row.integer(0));
    Statement text = database_.prepare("DELETE FROM verbatim WHERE scope = ? AND message = ?");
    for (const std::int64_t message : messages) {
      count("pieces", remove_pieces(database_, scope_, verbatim_of(message), true));
      count("verbatim", remove(text.bind(scope_, message)));
    }
    messages_.insert(messages.begin(), messages.end());
    remove_messages_left();
    return !messages.empty();
  }

  void erase_all_pieces() { count("pieces", remove_all_pieces(database_, scope_)); }

  std::map<std::string, std::size_t> rows() && { return std::move(rows_); }

 private:
  std::vector<MessageSpan> verbatim_of(std::int64_t message) const {
    std::vector<MessageSpan> ranges;
    Statement row = database_.prepare(
        "SELECT message_begin, length(text) FROM verbatim WHERE scope = ? AND message = ?");
    row.bind(scope_, message);
    while (row.step())
      ranges.push_back({message, static_cast<std::size_t>(row.integer(0)),
                        static_cast<std::size_t>(row.integer(1))});
    return ranges;
  }

  /// The messages that are on these pages: nothing may be left of them afterwards.
  void note_messages(std::span<const PageId> pages) {
    ask_each(
        database_, "SELECT message FROM page_spans WHERE page = ?", pages,
        [](Statement& row, PageId page) { row.bind(page); },
        [&](Statement& row, PageId) {
          while (row.step()) messages_.insert(row.integer(0));
        });
  }

  void remove_messages_left() {
    count("messages",
          bury_those_gone(database_, scope_, std::vector(messages_.begin(), messages_.end())));
  }

  void remove_each(const std::string& table, const std::string& key, std::span<const PageId> ids) {
    count_rows(table, "DELETE FROM " + table + " WHERE " + key + " = ? RETURNING 1", ids,
               [](Statement& row, PageId id) { row.bind(id); });
  }

  /// A statement for each id, with a row for each that it removes.
  template <class Bind>
  void count_rows(const std::string& table, const std::string& sql, std::span<const PageId> ids,
                  Bind bind) {
    ask_each(database_, sql, ids, bind, [&](Statement& row, PageId) {
      while (row.step()) count(table, 1);
    });
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

/// `condition`: SQL from " AND" on, or nothing.
std::vector<PageId> page_ids(const Database& database, ScopeId scope,
                             const std::string& condition) {
  std::vector<PageId> ids;
  Statement row =
      database.prepare("SELECT id FROM pages WHERE scope = ?" + condition + " ORDER BY place");
  row.bind(scope);
  while (row.step()) ids.push_back(row.integer(0));
  return ids;
}

/// A condition on pages or messages: their date of expiry has come.
std::string due(Time now) { return " AND expires <> 0 AND expires <= " + std::to_string(now); }

/// What stays in the history of pages that go: a row each, without text.
std::vector<HistoryEntry> farewells(const Database& database, std::span<const PageId> pages,
                                    HistoryEntry entry) {
  std::vector<HistoryEntry> entries;
  ask_each(
      database, "SELECT level FROM pages WHERE id = ?", pages,
      [](Statement& row, PageId page) { row.bind(page); },
      [&](Statement& row, PageId page) {
        row.step();
        entry.page = page;
        entry.from = level_from_name(row.bytes(0));
        entry.tokens_saved = token_count(*entry.from);
        entries.push_back(entry);
      });
  return entries;
}

/// Lists what went, in lines, and signs the list by its hash; the history keeps the hash.
void write_receipt(const Database& database, ScopeId scope, Time now, EraseReceipt& erased) {
  Statement store = database.prepare("SELECT uuid FROM store");
  store.step();
  std::string& receipt = erased.receipt;
  receipt = "fovea receipt 1\nstore " + store.text(0) + "\nscope " +
            describe_scope(database, scope) + "\ntime " + std::to_string(now) + "\n";
  for (const PageId page : erased.pages) receipt += "page " + std::to_string(page) + "\n";
  for (const PageId page : erased.rewritten)
    receipt += "part of page " + std::to_string(page) + "\n";
  for (const auto& [table, rows] : erased.rows)
    receipt += "rows " + table + " " + std::to_string(rows) + "\n";
  const std::string_view when = database.engine().when_bytes_go();
  if (!when.empty()) receipt.append("bytes ").append(when).append("\n");
  erased.sha256 = hex(sha256(receipt));
}

/// Has the vector index forget: its file holds the erased pages' embeddings, and is made again when
/// it is needed. Inside the erasing transaction, so that no other process writes the old one after
/// it.
void forget_embeddings(const Database& database, ScopeId scope, const std::string& index_path) {
  database.engine().stamp_embeddings(scope);
  if (index_path.empty()) return;
  std::error_code ignored;  // a file that cannot be removed is stale by its stamp
  std::filesystem::remove(index_path, ignored);
}

/// They go with the text of their pieces.
std::size_t count_vectors(const Database& database, ScopeId scope) {
  Statement row = database.prepare("SELECT count(*) FROM piece_vectors WHERE piece BETWEEN ? AND ?");
  row.bind(word_row(scope, 0), word_row(scope + 1, -1)).step();
  return static_cast<std::size_t>(row.integer(0));
}

/// One erasing: `take_out(Eraser&, pages)` removes rows, names the pages that go, and returns what stays
/// of them in the history; nothing when there is nothing to erase.
template <class TakeOut>
EraseReceipt erase_rows(const Database& database, const std::string& index_path, ScopeId scope,
                        Time now, TakeOut take_out, std::vector<PageId> rewritten = {}) {
  Transaction transaction(database, Transaction::Kind::write, scope);
  Eraser eraser(database, scope);
  EraseReceipt erased{.rewritten = std::move(rewritten)};
  const std::size_t vectors = count_vectors(database, scope);
  std::vector<HistoryEntry> entries = take_out(eraser, erased.pages);
  if (entries.empty()) return erased;
  erased.rows = std::move(eraser).rows();
  if (const auto whole = erased.rows.find("messages"); whole != erased.rows.end())
    erased.messages = whole->second;
  if (const std::size_t left = count_vectors(database, scope); left < vectors)
    erased.rows["piece_vectors"] = vectors - left;
  write_receipt(database, scope, now, erased);
  for (HistoryEntry& entry : entries) {
    if (entry.reason.empty()) entry.reason = "receipt " + erased.sha256;
    write_history(database, scope, entry);
  }
  forget_embeddings(database, scope, index_path);
  database.engine().note_removed_text(scope, true);
  transaction.commit();
  return erased;
}

}  // namespace

EraseReceipt Store::erase_pages(ScopeId scope, std::span<const PageId> ids, Time now,
                                HistoryEvent event, std::string_view reason) {
  const Database& database = impl_->serving(scope);
  const std::set<PageId> different(ids.begin(), ids.end());
  if (different.empty()) return {};
  const auto take_out = [&](Eraser& eraser, std::vector<PageId>& pages) {
    pages.assign(different.begin(), different.end());
    for (const PageId id : pages) require_page(database, scope, id);
    auto entries =
        farewells(database, pages, {.time = now, .event = event, .reason = std::string(reason)});
    eraser.erase_pages(pages);
    return entries;
  };
  return cleaned(erase_rows(database, impl_->index_path, scope, now, take_out));
}

EraseReceipt Store::erase(ScopeId scope, const Erasure& erasure, Time now) {
  const Database& database = impl_->serving(scope);
  std::vector<PageId> rewritten;
  for (const PageRewrite& rewrite : erasure.rewritten) rewritten.push_back(rewrite.id);
  const auto take_out = [&](Eraser& eraser, std::vector<PageId>& pages) {
    const std::set<PageId> different(erasure.pages.begin(), erasure.pages.end());
    pages.assign(different.begin(), different.end());
    for (const PageId id : pages) require_page(database, scope, id);
    for (const PageId id : rewritten) require_page(database, scope, id);
    auto entries = farewells(database, pages, {.time = now, .event = HistoryEvent::erase});
    eraser.erase_pages(pages);
    eraser.cut(erasure.rewritten, erasure.verbatim);
    for (const PageId id : rewritten)
      entries.push_back({.time = now, .event = HistoryEvent::erase_part, .page = id});
    if (entries.empty() && !erasure.verbatim.empty())
      entries.push_back({.time = now, .event = HistoryEvent::erase_part});
    return entries;
  };
  return cleaned(erase_rows(database, impl_->index_path, scope, now, take_out, rewritten));
}

EraseReceipt Store::erase_scope(ScopeId scope, Time now) {
  const Database& database = impl_->serving(scope);
  Statement on_pages =
      database.prepare("SELECT coalesce(sum(characters), 0) FROM pages WHERE scope = ?");
  on_pages.bind(scope).step();
  const std::size_t characters =
      verbatim_characters(scope) + static_cast<std::size_t>(on_pages.integer(0));
  on_pages.reset();
  const auto take_out = [&](Eraser& eraser, std::vector<PageId>& pages) {
    pages = page_ids(database, scope, "");
    eraser.erase_all_pieces();
    eraser.erase_pages(pages);
    bury_all(database, scope);
    for (const char* table : {"verbatim", "messages", "policies"}) eraser.erase_all_of(table);
    eraser.erase_history();
    return std::vector{HistoryEntry{.time = now, .event = HistoryEvent::erase}};
  };
  EraseReceipt receipt = erase_rows(database, impl_->index_path, scope, now, take_out);
  receipt.characters = characters;
  return cleaned(std::move(receipt));
}

EraseReceipt Store::expired(ScopeId scope, Time now) const {
  const Database& database = impl_->serving(scope);
  Statement row = database.prepare("SELECT count(*) FROM messages WHERE scope = ?" + due(now));
  row.bind(scope).step();
  return {.pages = page_ids(database, scope, due(now)),
          .messages = static_cast<std::size_t>(row.integer(0))};
}

EraseReceipt Store::erase_expired(ScopeId scope, Time now) {
  const Database& database = impl_->serving(scope);
  const auto take_out = [&](Eraser& eraser, std::vector<PageId>& pages) {
    pages = page_ids(database, scope, due(now));
    auto entries = farewells(database, pages, {.time = now, .event = HistoryEvent::expire});
    eraser.erase_pages(pages);
    const bool messages = eraser.erase_messages("scope = ?" + due(now));
    if (entries.empty() && messages)
      entries.push_back({.time = now, .event = HistoryEvent::expire});
    return entries;
  };
  return cleaned(erase_rows(database, impl_->index_path, scope, now, take_out));
}

EraseReceipt Store::cleaned(EraseReceipt receipt) {
  if (receipt.receipt.empty()) return receipt;
  receipt.bytes_gone = impl_->database.engine().cleans_by_itself() && clean_or_later();
  return receipt;
}

bool Store::clean() {
  if (!impl_->serving_all().engine().clean()) return false;
  impl_->text_dropped = false;
  return true;
}

bool Store::clean_or_later() {
  try {
    return clean();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io) return false;  // locked or full
    throw;
  }
}

}  // namespace fovea
