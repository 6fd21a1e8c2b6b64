#include "memory/page_notes.h"

#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/checksum.h"

namespace fovea {
namespace {

std::string short_hash(std::string_view bytes) {
  return sha256(bytes).substr(0, 8);
}

/// The bytes of a row (bytes, hash, packed) from `column` on; nothing when it is damaged.
std::optional<std::string> unpacked(const Statement& row, int column) {
  auto bytes = decompress(row.bytes(column + 2), static_cast<std::size_t>(row.integer(column)));
  if (!bytes || short_hash(*bytes) != row.bytes(column + 1)) return {};
  return bytes;
}

}  // namespace

const char* table_of(PageNote note) {
  return note == PageNote::anchors ? "anchors" : "corrections";
}

void add_note(const Database& database, PageNote note, PageId page, std::string_view bytes,
              bool keeps_text) {
  if (bytes.empty()) return;
  const std::string hash = short_hash(bytes), packed = compress(bytes);
  Statement insert = database.prepare(insert_checked(database, table_of(note)));
  if (note == PageNote::anchors)
    insert.bind(page, bytes.size(), Blob(hash), Blob(packed)).run();
  else
    insert.bind(page, bytes.size(), Blob(hash), Blob(packed), keeps_text).run();
}

bool write_note(const Database& database, PageNote note, PageId page, std::string_view bytes,
                bool keeps_text) {
  database.prepare("DELETE FROM " + std::string(table_of(note)) + " WHERE page = ?")
      .bind(page)
      .run();
  const bool replaced = database.changes() > 0;
  add_note(database, note, page, bytes, keeps_text);
  return replaced;
}

std::string read_note(const Database& database, PageNote note, PageId page) {
  const std::string table = table_of(note);
  Statement row = database.prepare("SELECT bytes, hash, packed FROM " + table + " WHERE page = ?");
  if (!row.bind(page).step()) return {};
  if (auto bytes = unpacked(row, 0)) return *bytes;
  throw Error(ErrorCode::corruption,
              "store " + database.name() + ": the " + table + " of page " + std::to_string(page) +
                  " are damaged; recall it with source tokens, or restore a copy");
}

std::vector<PageId> damaged_notes(const Database& database, PageNote note) {
  std::vector<PageId> pages;
  Statement row = database.prepare("SELECT page, bytes, hash, packed FROM " +
                                   std::string(table_of(note)) + " ORDER BY page");
  while (row.step()) {
    if (!unpacked(row, 1)) pages.push_back(row.integer(0));
  }
  return pages;
}

}  // namespace fovea
