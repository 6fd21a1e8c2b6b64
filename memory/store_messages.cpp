#include <algorithm>

#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/page_filter.h"
#include "memory/store_impl.h"
#include "memory/tombstones.h"

namespace fovea {
namespace {

/// A long message is kept in pieces, so that taking a page from it rewrites one piece only.
constexpr std::size_t kPieceBytes = 16 * 1024;

void append_verbatim(Statement& insert, ScopeId scope, std::int64_t message,
                     std::string_view text) {
  for (std::size_t begin = 0; begin < text.size(); begin += kPieceBytes) {
    const auto piece = text.substr(begin, kPieceBytes);
    insert.bind(scope, message, begin, Blob(piece)).run();
  }
}

}  // namespace

std::size_t Store::add_messages(ScopeId scope, std::span<const NewMessage> messages,
                                bool restore_erased) {
  const Database& database = impl_->database;
  Transaction transaction(database, Transaction::Kind::write);
  Statement add = database.prepare(
      "INSERT INTO messages (scope, role, time, source_id, hash, bytes, expires) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT DO NOTHING");
  Statement append = database.prepare(
      "INSERT INTO verbatim (scope, message, message_begin, text) VALUES (?, ?, ?, ?)");
  Tombstones tombstones(database, scope);
  std::size_t added = 0;
  for (const NewMessage& message : messages) {
    const std::string hash = sha256(message.text);
    if (restore_erased)
      tombstones.remove(message.source_id, hash);
    else if (tombstones.has(message.source_id, hash))
      continue;
    const auto source_id =
        message.source_id.empty() ? std::nullopt : std::optional(std::string_view(message.source_id));
    add.bind(scope, message.role, message.time, source_id, Blob(hash),
             message.text.size(), message.expires);
    add.run();
    if (database.changes() == 0) continue;  // known
    append_verbatim(append, scope, database.last_insert_id(), message.text);
    ++added;
  }
  transaction.commit();
  return added;
}

std::size_t Store::known_beginning(ScopeId scope, std::string_view source_id,
                                   std::string_view text) const {
  Statement known = impl_->database.prepare(
      "SELECT bytes, hash FROM messages WHERE scope = ? AND source_id = ? AND bytes <= ? "
      " ORDER BY bytes DESC");
  known.bind(scope, source_id, text.size());
  while (known.step()) {
    const auto bytes = static_cast<std::size_t>(known.integer(0));
    if (known.bytes(1) == sha256(text.substr(0, bytes))) return bytes;
  }
  return Tombstones(impl_->database, scope).known_beginning(source_id, text);
}

std::size_t Store::count_erased(ScopeId scope, std::span<const NewMessage> messages) const {
  const Tombstones tombstones(impl_->database, scope);
  return static_cast<std::size_t>(std::ranges::count_if(messages, [&](const NewMessage& message) {
    return tombstones.has(message.source_id, sha256(message.text));
  }));
}

std::vector<std::int64_t> Store::find_messages(ScopeId scope,
                                               std::span<const Condition> where) const {
  const PageFilter filter = message_filter(impl_->database, where);
  Statement row = impl_->database.prepare("SELECT m.id FROM messages m WHERE m.scope = ?" +
                                          filter.sql + " ORDER BY m.id");
  std::vector<BoundValue> values = {scope};
  values.insert(values.end(), filter.values.begin(), filter.values.end());
  row.bind_list(values);
  std::vector<std::int64_t> messages;
  while (row.step()) messages.push_back(row.integer(0));
  return messages;
}

std::vector<PageId> Store::pages_of_message(ScopeId scope, std::int64_t message) const {
  Statement row = impl_->database.prepare(
      "SELECT DISTINCT p.id FROM page_spans s JOIN pages p ON p.id = s.page "
      "WHERE s.message = ? AND p.scope = ? ORDER BY p.place");
  row.bind(message, scope);
  std::vector<PageId> pages;
  while (row.step()) pages.push_back(row.integer(0));
  return pages;
}

// A character begins at each byte but 10xxxxxx; pieces may be cut inside one.
std::size_t Store::verbatim_characters(ScopeId scope) const {
  Statement piece = impl_->database.prepare("SELECT text FROM verbatim WHERE scope = ?");
  piece.bind(scope);
  std::size_t characters = 0;
  while (piece.step()) {
    for (const char byte : piece.bytes(0))
      characters += (static_cast<unsigned char>(byte) & 0xc0) == 0x80 ? 0 : 1;
  }
  return characters;
}

Verbatim Store::verbatim(ScopeId scope, std::size_t max_bytes) const {
  Verbatim result;
  Transaction snapshot(impl_->database, Transaction::Kind::read);
  Statement last = impl_->database.prepare(
      "SELECT leaves_open FROM pages WHERE scope = ? ORDER BY place DESC LIMIT 1");
  if (last.bind(scope).step()) result.opening = last.text(0);
  Statement piece = impl_->database.prepare(
      "SELECT v.text, m.time, m.id, m.expires, v.message_begin FROM verbatim v JOIN messages m ON m.id = v.message "
      "WHERE v.scope = ? ORDER BY v.message, v.id");
  piece.bind(scope);
  while (!result.more_follows && piece.step()) {
    const auto text = piece.bytes(0);
    const std::size_t room = max_bytes - result.text.size();
    if (room > 0) {
      result.parts.push_back(
          {result.text.size(), piece.integer(1), piece.integer(2), piece.integer(3),
           static_cast<std::size_t>(piece.integer(4))});
    }
    result.text += text.substr(0, room);
    result.more_follows = text.size() > room;
  }
  return result;
}

}  // namespace fovea
