#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/ask_each.h"
#include "memory/checksum.h"
#include "memory/pieces.h"
#include "memory/store_impl.h"

namespace fovea {

namespace {

constexpr const char* kArchived =
    "SELECT p.bytes, a.hash, a.text FROM archive a JOIN pages p ON p.id = a.page WHERE a.page = ?";

/// Of such a row; nothing where it is damaged.
std::optional<std::string> unpacked(const Statement& row) {
  auto text = decompress(row.bytes(2), static_cast<std::size_t>(row.integer(0)));
  if (text && sha256(*text) == row.bytes(1)) return text;
  return {};
}

}  // namespace

std::map<PageId, std::optional<std::string>> read_archives(const Database& database,
                                                           std::span<const PageId> pages) {
  std::map<PageId, std::optional<std::string>> texts;
  ask_each(
      database, kArchived, pages, [](Statement& row, PageId page) { row.bind(page); },
      [&](Statement& row, PageId page) {
        texts[page] = row.step() ? unpacked(row) : std::nullopt;
      });
  return texts;
}

Statement ask_archive(const Database& database, PageId page) {
  Statement row = database.prepare(kArchived);
  row.bind(page).send();
  return row;
}

std::optional<std::string> archived(const Database& database, PageId page, Statement& row,
                                    bool strict) {
  if (!row.step()) return {};
  if (auto text = unpacked(row)) return text;
  if (!strict) return {};
  throw Error(ErrorCode::corruption,
              "store " + database.name() + ": the archived text of page " + std::to_string(page) +
                  " is damaged; recall it from its vision tokens, or restore a copy");
}

std::optional<std::string> read_archive(const Database& database, PageId page) {
  Statement row = ask_archive(database, page);
  return archived(database, page, row, false);
}

void write_archive(const Database& database, PageId page, std::string_view text) {
  database.prepare(insert_checked(database, "archive"))
      .bind(page, Blob(sha256(text)), Blob(compress(text)))
      .run();
}

std::size_t remove_text(const Database& database, ScopeId scope, std::span<const PageId> pages) {
  remove_pieces(database, scope, ranges_of_pages(database, pages), false);
  std::size_t removed = 0;
  ask_each(
      database, "DELETE FROM archive WHERE page = ? RETURNING 1", pages,
      [](Statement& row, PageId page) { row.bind(page); },
      [&](Statement& row, PageId) {
        while (row.step()) ++removed;
      });
  return removed;
}

}  // namespace fovea
