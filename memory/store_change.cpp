#include "memory/checksum.h"
#include "memory/page_notes.h"
#include "memory/page_rows.h"
#include "memory/pieces.h"

namespace fovea {

bool Store::replace_tokens(ScopeId scope, const TokenChange& change) {
  check_tokens(change.tokens);
  check_embedding(change.embedding);
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  require_page(database, scope, change.page);
  database
      .prepare(update_checked(database, "pages", {{"level", "?1"}}) +
               " WHERE id = ?2 AND level = ?3")
      .bind(name_of(change.tokens.level), change.page, name_of(change.from))
      .run();
  if (database.changes() == 0) return false;
  const std::int64_t checkpoint = checkpoint_id(database, change.tokens.fingerprint);
  write_tokens(database, change.page, checkpoint, change.tokens);
  if (!change.embedding.empty()) {
    write_embedding(database, scope, change.page, checkpoint, change.embedding);
  } else {
    database.prepare("DELETE FROM embeddings WHERE page = ? AND checkpoint <> ?")
        .bind(change.page, checkpoint)
        .run();
    if (database.changes() > 0) database.engine().stamp_embeddings(scope);
  }
  if (change.fidelity)
    write_fidelity(database, change.page, checkpoint, change.tokens.level, *change.fidelity);
  bool removed = write_note(database, PageNote::corrections, change.page, change.corrections,
                            change.keeps_text);
  if (change.drop_anchors) removed |= write_note(database, PageNote::anchors, change.page, {});
  removed |= change.drop_archive && remove_text(database, scope, {&change.page, 1}) > 0;
  if (removed) database.engine().note_removed_text(scope, false);
  const auto accuracy =
      change.fidelity ? std::optional(change.fidelity->accuracy) : std::optional<double>();
  write_history(database, scope,
                {.time = change.now,
                 .event = change.event,
                 .page = change.page,
                 .from = change.from,
                 .to = change.tokens.level,
                 .reason = change.reason,
                 .tokens_saved = token_count(change.from) - token_count(change.tokens.level),
                 .accuracy = accuracy});
  transaction.commit();
  impl_->text_dropped |= removed;
  return true;
}

void Store::set_fidelity(ScopeId scope, PageId id, const std::string& fingerprint, Level level,
                         const Fidelity& fidelity) {
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  require_page(database, scope, id);
  write_fidelity(database, id, checkpoint_id(database, fingerprint), level, fidelity);
  transaction.commit();
}

void Store::drop_archive(ScopeId scope, PageId id, Time now, std::string_view reason,
                         std::string_view corrections, bool keep_anchors, bool keeps_text,
                         bool hash_words) {
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  require_page(database, scope, id);
  std::vector<PieceText> hashed;
  if (hash_words) hashed = text_to_hash(database, scope, ranges_of_pages(database, {&id, 1}));
  if (remove_text(database, scope, {&id, 1}) == 0) return;
  hash_pieces(database, scope, hashed);
  if (!corrections.empty())
    write_note(database, PageNote::corrections, id, corrections, keeps_text);
  if (!keep_anchors) write_note(database, PageNote::anchors, id, {});
  database.engine().note_removed_text(scope, false);
  write_history(database, scope,
                {.time = now,
                 .event = HistoryEvent::drop_archive,
                 .page = id,
                 .reason = std::string(reason)});
  transaction.commit();
  impl_->text_dropped = true;
}

void Store::set_pinned(ScopeId scope, PageId id, bool pinned, Time now) {
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  require_page(database, scope, id);
  database
      .prepare(update_checked(database, "pages", {{"pinned", "?1"}}) +
               " WHERE id = ?2 AND pinned <> ?1")
      .bind(pinned, id)
      .run();
  if (database.changes() == 0) return;
  write_history(
      database, scope,
      {.time = now, .event = pinned ? HistoryEvent::pin : HistoryEvent::unpin, .page = id});
  transaction.commit();
}

void Store::set_recalled(ScopeId scope, std::span<const PageId> ids, Time now) {
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  Statement update =
      impl_->serving(scope).prepare(update_checked(database, "pages", {{"last_recalled", "?1"}}) +
                                    " WHERE id = ?2 AND scope = ?3");
  for (const PageId id : ids) update.bind(now, id, scope).run();
  transaction.commit();
}

}  // namespace fovea
