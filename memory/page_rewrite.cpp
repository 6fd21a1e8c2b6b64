#include "memory/page_rewrite.h"

#include <algorithm>
#include <map>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/page_notes.h"
#include "memory/page_rows.h"
#include "memory/pieces.h"

namespace fovea {
namespace {

void require_unchanged(const Database& database, const PageRewrite& rewrite) {
  Statement row = database.prepare("SELECT bytes, level FROM pages WHERE id = ?");
  if (row.bind(rewrite.id).step() &&
      static_cast<std::size_t>(row.integer(0)) == rewrite.bytes_before &&
      row.bytes(1) == name_of(rewrite.page.tokens.level))
    return;
  throw Error(ErrorCode::io, "store " + database.name() + ": another process changed page " +
                                 std::to_string(rewrite.id) + " meanwhile; try again");
}

/// The page's spans without those that go, moved together.
void cut_spans(const Database& database, const PageRewrite& rewrite) {
  std::vector<MessageSpan> there;
  Statement row = database.prepare(
      "SELECT message, message_begin, length FROM page_spans WHERE page = ? ORDER BY page_begin");
  row.bind(rewrite.id);
  while (row.step())
    there.push_back({row.integer(0), static_cast<std::size_t>(row.integer(1)),
                     static_cast<std::size_t>(row.integer(2))});
  database.prepare("DELETE FROM page_spans WHERE page = ?").bind(rewrite.id).run();
  Statement add = database.prepare(insert_checked(database, "page_spans"));
  std::size_t at = 0;
  for (const MessageSpan& left : without(there, rewrite.gone)) {
    add.bind(rewrite.id, at, left.message, left.begin, left.length).run();
    at += left.length;
  }
}

void write_row(const Database& database, PageId id, const NewPage& page) {
  const std::vector<std::uint8_t> rows(page.tokens.row_lengths.begin(),
                                       page.tokens.row_lengths.end());
  database
      .prepare(update_checked(database, "pages",
                              {{"row_lengths", "?2"},
                               {"characters", "?3"},
                               {"bytes", "?4"},
                               {"text_tokens", "?5"},
                               {"leaves_open", "?6"},
                               {"awaits_result", "?7"},
                               {"begins_with_result", "?8"}}) +
               " WHERE id = ?1")
      .bind(id, Blob(rows), page.characters, page.text.size(), page.text_tokens, page.leaves_open,
            page.tools.awaits_result, page.tools.begins_with_result)
      .run();
}

/// Removes [begin, end) from a list of stretches of one message.
void take(std::vector<MessageSpan>& left, std::size_t begin, std::size_t end) {
  std::vector<MessageSpan> result;
  for (const MessageSpan& span : left) {
    const std::size_t span_end = span.begin + span.length;
    if (span.begin < begin)
      result.push_back({span.message, span.begin, std::min(span_end, begin) - span.begin});
    if (span_end > end) {
      const std::size_t from = std::max(span.begin, end);
      result.push_back({span.message, from, span_end - from});
    }
  }
  left = std::move(result);
}

/// The message's verbatim text anew, as later pieces of a message must have larger ids.
std::size_t cut_message(const Database& database, ScopeId scope, std::int64_t message,
                        std::span<const MessageSpan> gone) {
  Statement row = database.prepare("SELECT message_begin, text, " + is_sound(database, "verbatim") +
                                   " FROM verbatim WHERE scope = ? AND message = ? ORDER BY id");
  row.bind(scope, message);
  std::vector<std::pair<std::size_t, std::string>> kept;
  std::size_t touched = 0;
  while (row.step()) {
    if (row.integer(2) == 0) throw_damaged_text(database, message);
    const auto begin = static_cast<std::size_t>(row.integer(0));
    const std::string text = row.text(1);
    const MessageSpan piece{message, begin, text.size()};
    const auto left = without({&piece, 1}, gone);
    touched += left.size() != 1 || left.front().length != text.size() ? 1 : 0;
    for (const MessageSpan& span : left)
      kept.emplace_back(span.begin, text.substr(span.begin - begin, span.length));
  }
  if (touched == 0) return 0;
  database.prepare("DELETE FROM verbatim WHERE scope = ? AND message = ?").bind(scope, message).run();
  Statement add = database.prepare(insert_checked(database, "verbatim"));
  for (const auto& [begin, text] : kept) add.bind(scope, message, begin, Blob(text)).run();
  return touched;
}

}  // namespace

std::vector<MessageSpan> without(std::span<const MessageSpan> there,
                                 std::span<const MessageSpan> gone) {
  std::vector<MessageSpan> result;
  for (const MessageSpan& span : there) {
    std::vector<MessageSpan> left = {span};
    for (const MessageSpan& hole : gone) {
      if (hole.message == span.message) take(left, hole.begin, hole.begin + hole.length);
    }
    result.insert(result.end(), left.begin(), left.end());
  }
  return result;
}

void rewrite_page(const Database& database, ScopeId scope, const PageRewrite& rewrite) {
  const NewPage& page = rewrite.page;
  check_tokens(page.tokens);
  check_rows(page.tokens);
  check_embedding(page.embedding);
  require_unchanged(database, rewrite);
  const PageId id = rewrite.id;
  remove_pieces(database, scope, rewrite.gone, true);  // while their text is still there
  database.prepare("DELETE FROM archive WHERE page = ?").bind(id).run();
  cut_spans(database, rewrite);
  write_row(database, id, page);
  const std::int64_t checkpoint = checkpoint_id(database, page.tokens.fingerprint);
  write_tokens(database, id, checkpoint, page.tokens);
  database.prepare("DELETE FROM embeddings WHERE page = ?").bind(id).run();
  if (!page.embedding.empty()) write_embedding(database, scope, id, checkpoint, page.embedding);
  database.prepare("DELETE FROM page_fidelity WHERE page = ?").bind(id).run();
  if (page.fidelity) write_fidelity(database, id, checkpoint, page.tokens.level, *page.fidelity);
  write_note(database, PageNote::anchors, id, page.anchors);
  write_note(database, PageNote::corrections, id, page.corrections, page.keeps_text);
  if (page.keep_archive) write_archive(database, id, page.text);
}

std::size_t cut_verbatim(const Database& database, ScopeId scope,
                         std::span<const MessageSpan> gone) {
  std::map<std::int64_t, std::vector<MessageSpan>> by_message;
  for (const MessageSpan& span : gone) by_message[span.message].push_back(span);
  remove_pieces(database, scope, gone, true);
  std::size_t touched = 0;
  for (const auto& [message, spans] : by_message)
    touched += cut_message(database, scope, message, spans);
  return touched;
}

}  // namespace fovea
