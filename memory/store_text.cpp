#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/checksum.h"
#include "memory/pieces.h"
#include "memory/store_impl.h"

namespace fovea {

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

void write_archive(const Database& database, PageId page, std::string_view text) {
  database.prepare(insert_checked(database, "archive"))
      .bind(page, Blob(sha256(text)), Blob(compress(text)))
      .run();
}

std::size_t remove_text(const Database& database, ScopeId scope, std::span<const PageId> pages) {
  remove_pieces(database, scope, ranges_of_pages(database, pages), false);
  std::size_t removed = 0;
  Statement remove = database.prepare("DELETE FROM archive WHERE page = ?");
  for (const PageId page : pages) {
    remove.bind(page).run();
    removed += database.changes();
  }
  return removed;
}

}  // namespace fovea
