#include <algorithm>

#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/store_impl.h"

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

std::size_t Store::add_messages(ScopeId scope, std::span<const NewMessage> messages) {
  const Database& database = impl_->database;
  Transaction transaction(database, Transaction::Kind::write);
  Statement add = database.prepare(
      "INSERT INTO messages (scope, role, time, source_id, hash, bytes, expires) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT DO NOTHING");
  Statement append = database.prepare(
      "INSERT INTO verbatim (scope, message, message_begin, text) VALUES (?, ?, ?, ?)");
  std::size_t added = 0;
  for (const NewMessage& message : messages) {
    const auto source_id =
        message.source_id.empty() ? std::nullopt : std::optional(std::string_view(message.source_id));
    add.bind(scope, message.role, message.time, source_id, Blob(sha256(message.text)),
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
  return 0;
}

Verbatim Store::verbatim(ScopeId scope, std::size_t max_bytes) const {
  Verbatim result;
  Transaction snapshot(impl_->database, Transaction::Kind::read);
  Statement last = impl_->database.prepare(
      "SELECT leaves_open FROM pages WHERE scope = ? ORDER BY place DESC LIMIT 1");
  if (last.bind(scope).step()) result.opening = last.text(0);
  Statement piece = impl_->database.prepare(
      "SELECT v.text, m.time, m.id, m.expires FROM verbatim v JOIN messages m ON m.id = v.message "
      "WHERE v.scope = ? ORDER BY v.message, v.id");
  piece.bind(scope);
  while (!result.more_follows && piece.step()) {
    const auto text = piece.bytes(0);
    const std::size_t room = max_bytes - result.text.size();
    if (room > 0) {
      result.parts.push_back(
          {result.text.size(), piece.integer(1), piece.integer(2), piece.integer(3)});
    }
    result.text += text.substr(0, room);
    result.more_follows = text.size() > room;
  }
  return result;
}

}  // namespace fovea
