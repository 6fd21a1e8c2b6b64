#include <algorithm>

#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/checksum.h"
#include "memory/page_notes.h"
#include "memory/page_rows.h"
#include "memory/pieces.h"

namespace fovea {
namespace {

struct VerbatimPiece {
  std::int64_t id;
  std::int64_t message;
  std::size_t begin;
  std::size_t size;
  Time time;
  Time expires;
};

/// The pieces that hold `text`, the last one perhaps only in part; none when the scope's verbatim
/// text begins with something else.
std::vector<VerbatimPiece> pieces_of(const Database& database, ScopeId scope,
                                     std::string_view text) {
  std::vector<VerbatimPiece> pieces;
  Statement row =
      database.prepare("SELECT v.id, v.message, v.message_begin, v.text, m.time, m.expires, " +
                       is_sound(database, "verbatim", "v") +
                       " FROM verbatim v JOIN messages m ON m.id = v.message WHERE v.scope = ? "
                       "ORDER BY v.message, v.id");
  row.bind(scope);
  while (!text.empty()) {
    if (!row.step()) return {};
    if (row.integer(6) == 0) throw_damaged_text(database, row.integer(1));
    const auto piece = row.bytes(3);
    const std::size_t shared = std::min(piece.size(), text.size());
    if (piece.substr(0, shared) != text.substr(0, shared)) return {};
    pieces.push_back({row.integer(0), row.integer(1), static_cast<std::size_t>(row.integer(2)),
                      piece.size(), row.integer(4), row.integer(5)});
    text.remove_prefix(shared);
  }
  return pieces;
}

std::int64_t next_place(const Database& database, ScopeId scope) {
  Statement last = database.prepare("SELECT coalesce(max(place), 0) FROM pages WHERE scope = ?");
  last.bind(scope).step();
  return last.integer(0) + 1;
}

PageId insert_page(const Database& database, ScopeId scope, const NewPage& page, Time time,
                   Time expires) {
  const VisionTokens& tokens = page.tokens;
  const std::vector<std::uint8_t> rows(tokens.row_lengths.begin(), tokens.row_lengths.end());
  const Time never_recalled = 0;
  const bool pinned = false;
  Statement insert = database.prepare(insert_checked(database, "pages") + " RETURNING id");
  insert
      .bind(scope, next_place(database, scope), name_of(tokens.level),
            static_cast<int>(tokens.density), Blob(rows), page.characters, page.text.size(),
            page.text_tokens, time, never_recalled, pinned, expires,
            page.document ? std::optional(name_of(page.document->legible_at)) : std::nullopt,
            page.document ? page.document->opening : "", page.leaves_open, page.tools.awaits_result,
            page.tools.begins_with_result)
      .step();
  return insert.integer(0);
}

/// The first date of expiry among the pieces, 0: none expires.
Time first_expiry(std::span<const VerbatimPiece> pieces) {
  Time first = 0;
  for (const VerbatimPiece& piece : pieces) {
    if (piece.expires != 0 && (first == 0 || piece.expires < first)) first = piece.expires;
  }
  return first;
}

/// Moves the first `size` bytes of the pieces to the page: writes its spans, shortens the verbatim
/// text.
void move_pieces(const Database& database, PageId page, std::span<const VerbatimPiece> pieces,
                 std::size_t size) {
  Statement write_span = database.prepare(insert_checked(database, "page_spans"));
  Statement remove = database.prepare("DELETE FROM verbatim WHERE id = ?");
  Statement shorten =
      database.prepare(update_checked(database, "verbatim",
                                      {{"message_begin", "message_begin + ?2"},
                                       {"text", "substr(text, CAST(?2 AS INTEGER) + 1)"}}) +
                       " WHERE id = ?1");
  PageSpan span;  // of the pieces of one message that follow each other
  const auto write = [&] {
    if (span.length == 0) return;
    write_span.bind(page, span.page_begin, span.message, span.message_begin, span.length).run();
  };
  std::size_t done = 0;
  for (const VerbatimPiece& piece : pieces) {
    const std::size_t length = std::min(piece.size, size - done);
    if (span.message == piece.message && span.message_begin + span.length == piece.begin) {
      span.length += length;
    } else {
      write();
      span = {.message = piece.message,
              .role = {},
              .page_begin = done,
              .message_begin = piece.begin,
              .length = length};
    }
    if (length == piece.size)
      remove.bind(piece.id).run();
    else
      shorten.bind(piece.id, length).run();
    done += length;
  }
  write();
}

/// The stretches of messages that the first `size` bytes of the pieces are.
std::vector<MessageSpan> ranges_of(std::span<const VerbatimPiece> pieces, std::size_t size) {
  std::vector<MessageSpan> ranges;
  for (const VerbatimPiece& piece : pieces) {
    const std::size_t length = std::min(piece.size, size);
    ranges.push_back({piece.message, piece.begin, length});
    size -= length;
  }
  return ranges;
}

}  // namespace

std::optional<PageId> Store::add_page(ScopeId scope, const NewPage& page) {
  if (page.text.empty())
    throw Error(ErrorCode::invalid_argument, "page for the store: has no text");
  check_tokens(page.tokens);
  check_rows(page.tokens);
  if (page.document.has_value() != (page.tokens.layout == Layout::document))
    throw Error(ErrorCode::invalid_argument,
                "page for the store: a document has vision tokens of layout document, and only it");
  check_embedding(page.embedding);
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  const std::vector<VerbatimPiece> pieces = pieces_of(database, scope, page.text);
  if (pieces.empty()) return {};
  const Time last = std::ranges::max(pieces, {}, &VerbatimPiece::time).time;
  const PageId id = insert_page(database, scope, page, last != 0 ? last : page.time,
                                first_expiry(pieces));
  std::vector<PieceText> hashed;
  if (!page.keep_archive) {  // while their text is still there
    const auto ranges = ranges_of(pieces, page.text.size());
    if (page.hash_words) hashed = text_to_hash(database, scope, ranges);
    remove_pieces(database, scope, ranges, false);
  }
  move_pieces(database, id, pieces, page.text.size());
  const std::int64_t checkpoint = checkpoint_id(database, page.tokens.fingerprint);
  write_tokens(database, id, checkpoint, page.tokens);
  if (!page.embedding.empty()) write_embedding(database, scope, id, checkpoint, page.embedding);
  if (page.fidelity) write_fidelity(database, id, checkpoint, page.tokens.level, *page.fidelity);
  add_note(database, PageNote::anchors, id, page.anchors);
  add_note(database, PageNote::corrections, id, page.corrections, page.keeps_text);
  if (page.keep_archive) {
    write_archive(database, id, page.text);
    index_pieces_of_page(database, scope, id, page.text);
  } else {
    place_pieces_on_page(database, scope, id);
    hash_pieces(database, scope, hashed);
    database.engine().note_removed_text(scope, false);
  }
  transaction.commit();
  impl_->text_dropped |= !page.keep_archive;
  return id;
}

}  // namespace fovea
