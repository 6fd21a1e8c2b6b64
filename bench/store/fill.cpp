#include "bench/store/fill.h"

#include <algorithm>

#include "memory/archive.h"
#include "memory/checksum.h"
#include "memory/database.h"
#include "memory/embedding_bytes.h"
#include "memory/full_text.h"
#include "memory/measure/made_up_store.h"
#include "memory/page_rows.h"
#include "memory/piece_writer.h"
#include "memory/pieces.h"
#include "memory/store_impl.h"

namespace fovea::bench {

void fill(const std::string& file, std::size_t pages) {
  const ScopeId scope = Store(file).scope(kScope);
  const Database database(file, file, 1000);
  add_full_text(database);
  database.execute(
      "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000");
  Statement page = database.prepare(
      "INSERT INTO pages (id, scope, place, level, density, row_lengths, characters, bytes, "
      "text_tokens, time) VALUES (?1, ?2, ?1, 'tiny', 106, x'', ?3, ?3, 1000, ?1)");
  Statement archive = database.prepare(insert_checked(database, "archive"));
  Statement message = database.prepare(
      "INSERT INTO messages (id, scope, role, time, hash, bytes, expires) "
      "VALUES (?, ?, 'user', 1, ?, ?, 0)");
  Statement span = database.prepare(insert_checked(database, "page_spans"));
  PieceWriter pieces(database, scope);
  Statement vector = database.prepare(insert_checked(database, "embeddings"));
  const std::int64_t checkpoint = checkpoint_id(database, kMadeUpFingerprint);
  auto i = static_cast<std::size_t>(database.integer("SELECT coalesce(max(id), 0) + 1 FROM pages"));
  MadeUp made_up(static_cast<unsigned>(i));
  while (i <= pages) {
    Transaction transaction(database, Transaction::Kind::write);
    for (const std::size_t end = std::min(pages, i + 999); i <= end; ++i) {
      const std::string text = made_up.text(kWordsOfPage);
      page.bind(i, scope, text.size()).run();
      archive.bind(i, Blob(sha256(text)), Blob(compress(text))).run();
      message.bind(i, scope, Blob(sha256(text)), text.size()).run();
      span.bind(i, 0, i, 0, text.size()).run();
      pieces.add(static_cast<std::int64_t>(i), "user", text, 1);
      index_pieces_of_page(database, scope, static_cast<PageId>(i), text);
      const std::string packed = pack_embedding(made_up.vectors(1, kMadeUpDim));
      vector.bind(i, checkpoint, 1, Blob(std::string_view(packed))).run();
    }
    transaction.commit();
  }
  database.execute(update_checked(database, "store", {{"embedding_stamp", "1"}}));
}

}  // namespace fovea::bench
