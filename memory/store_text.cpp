#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/checksum.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

constexpr int kPagesAtOnce = 200;  // the work that a killed process loses

/// Takes the next pages into the full-text index. False when all are there.
bool index_next_pages(const Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  Statement until = database.prepare("SELECT full_text_until FROM store");
  if (!until.step() || until.is_null(0)) return false;
  Statement row = database.prepare("SELECT page FROM archive WHERE page > ? ORDER BY page LIMIT ?");
  row.bind(until.integer(0), kPagesAtOnce);
  std::vector<PageId> pages;
  while (row.step()) pages.push_back(row.integer(0));
  for (const PageId page : pages) {
    if (const auto text = read_archive(database, page, false)) write_full_text(database, page, *text);
  }
  const auto last = pages.empty() ? std::nullopt : std::optional(pages.back());
  database.prepare(update_checked("store", {{"full_text_until", "?1"}})).bind(last).run();
  transaction.commit();
  return !pages.empty();
}

/// Makes the full-text index anew: what to do when a row's text is damaged, since a row can only be
/// taken out of the index by its text.
void rebuild_full_text(const Database& database) {
  database.execute("INSERT INTO full_text (full_text) VALUES ('delete-all')");
  Statement page = database.prepare("SELECT page FROM archive");
  while (page.step()) {
    if (const auto text = read_archive(database, page.integer(0), false))
      write_full_text(database, page.integer(0), *text);
  }
}

}  // namespace

std::optional<std::string> read_archive(const Database& database, PageId page, bool strict) {
  Statement row = database.prepare(
      "SELECT p.bytes, a.hash, a.text FROM archive a JOIN pages p ON p.id = a.page WHERE a.page = "
      "?");
  if (!row.bind(page).step()) return {};
  auto text = decompress(row.bytes(2), static_cast<std::size_t>(row.integer(0)));
  if (text && sha256(*text) == row.bytes(1)) return text;
  if (!strict) return {};
  throw Error(ErrorCode::corruption,
              "store " + database.name() + ": the archived text of page " + std::to_string(page) +
                  " is damaged; recall it from its vision tokens, or restore a copy");
}

void complete_full_text(const Database& database) {
  while (database.integer("SELECT full_text_until IS NOT NULL FROM store") != 0 &&
         index_next_pages(database)) {
  }
}

void write_full_text(const Database& database, PageId page, std::string_view text) {
  database.prepare("INSERT INTO full_text (rowid, text) VALUES (?, ?)").bind(page, text).run();
}

void write_archive(const Database& database, PageId page, std::string_view text) {
  database.prepare(insert_checked("archive"))
      .bind(page, Blob(sha256(text)), Blob(compress(text)))
      .run();
  write_full_text(database, page, text);
}

RemovedText remove_text(const Database& database, std::span<const PageId> pages) {
  RemovedText removed;
  bool damaged = false;
  Statement forget =
      database.prepare("INSERT INTO full_text (full_text, rowid, text) VALUES ('delete', ?, ?)");
  Statement remove = database.prepare("DELETE FROM archive WHERE page = ?");
  for (const PageId page : pages) {
    const auto text = read_archive(database, page, false);
    if (text) forget.bind(page, *text).run();
    remove.bind(page).run();
    removed.archive += database.changes();
    damaged |= database.changes() > 0 && !text;
  }
  removed.full_text = removed.archive;
  if (damaged) rebuild_full_text(database);
  return removed;
}

}  // namespace fovea
