#include <algorithm>

#include "core/utf8.h"
#include "fovea/error.h"
#include "memory/archive.h"
#include "memory/ask_each.h"
#include "memory/checksum.h"
#include "memory/page_filter.h"
#include "memory/piece_writer.h"
#include "memory/store_impl.h"
#include "memory/tombstones.h"

namespace fovea {
namespace {

/// A long message is kept in pieces, so that taking a page from it rewrites one piece only.
constexpr std::size_t kTextPieceBytes = 16 * 1024;

void append_verbatim(Statement& insert, ScopeId scope, std::int64_t message,
                     std::string_view text) {
  for (std::size_t begin = 0; begin < text.size(); begin += kTextPieceBytes) {
    const auto piece = text.substr(begin, kTextPieceBytes);
    insert.bind(scope, message, begin, Blob(piece)).run();
  }
}

/// The first string behind all that begin so.
std::string end_of(std::string beginning) {
  while (!beginning.empty() && beginning.back() == '\xff') beginning.pop_back();
  if (!beginning.empty()) ++beginning.back();
  return beginning;
}

std::optional<MessageIdentity> identity_of(const NewMessage& message) {
  if (message.identity || message.source_id.empty()) return message.identity;
  return identity_by_id(message.source_id, given_by_text(message.role, message.text));
}

/// By its identity, and by source and text if it may be one of before identities were noted.
std::vector<Grave> graves_of(const NewMessage& message) {
  std::vector<Grave> graves;
  if (const auto identity = identity_of(message)) graves.push_back({identity->which, identity->given});
  if (message.may_be_older && !message.source_id.empty())
    graves.push_back({message.source_id, sha256(message.text)});
  return graves;
}

/// Of each message, whether it was erased.
std::vector<bool> erased_among(const Tombstones& tombstones, std::span<const NewMessage> messages) {
  std::vector<Grave> graves;
  std::vector<std::size_t> whose;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    for (Grave& grave : graves_of(messages[i])) {
      graves.push_back(std::move(grave));
      whose.push_back(i);
    }
  }
  std::vector<bool> erased(messages.size());
  const std::vector<bool> there = tombstones.have(graves);
  for (std::size_t i = 0; i < graves.size(); ++i) {
    if (there[i]) erased[whose[i]] = true;
  }
  return erased;
}

/// Adds messages one after the other, in a transaction of the caller's.
class MessageWriter {
 public:
  MessageWriter(const Database& database, ScopeId scope)
      : database_(database),
        scope_(scope),
        older_(database.prepare("SELECT id FROM messages WHERE scope = ? AND source_id = ? "
                                "AND hash = ? AND identity IS NULL")),
        claim_(database.prepare(update_checked(database, "messages", {{"identity", "?1"}}) +
                                " WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM messages other "
                                "WHERE other.scope = messages.scope AND other.identity = ?1)")),
        append_(database.prepare(insert_checked(database, "verbatim"))),
        pieces_(database, scope) {}

  /// Whether it is an older message, which has from now on the identity by which it is known.
  bool is_older(const NewMessage& message) {
    const auto identity = identity_of(message);
    if (message.source_id.empty() || !identity) return false;
    if (!older_.bind(scope_, message.source_id, Blob(sha256(message.text))).step()) return false;
    const std::int64_t id = older_.integer(0);
    older_.reset();
    claim_.bind(Blob(identity->bytes()), id).run();
    return true;
  }

  /// Returns how many it was, without those that the scope has.
  std::size_t add(std::span<const NewMessage* const> messages) {
    std::size_t added = 0;
    ask_each(
        database_, insert_checked(database_, "messages") + " ON CONFLICT DO NOTHING RETURNING id",
        messages, [&](Statement& insert, const NewMessage* message) { bind(insert, *message); },
        [&](Statement& insert, const NewMessage* message) {
          if (!insert.step()) return;
          const std::int64_t id = insert.integer(0);
          insert.reset();
          append_verbatim(append_, scope_, id, message->text);
          pieces_.add(id, message->role, message->text, message->time);
          ++added;
        });
    return added;
  }

 private:
  void bind(Statement& insert, const NewMessage& message) const {
    const auto identity = identity_of(message);
    const std::string bytes = identity ? identity->bytes() : std::string();
    const auto source_id = message.source_id.empty()
                               ? std::nullopt
                               : std::optional(std::string_view(message.source_id));
    insert.bind(scope_, message.role, message.time, source_id, Blob(sha256(message.text)),
                message.text.size(), message.expires,
                identity ? std::optional(Blob(bytes)) : std::nullopt);
  }

  const Database& database_;
  ScopeId scope_;
  Statement older_, claim_, append_;
  PieceWriter pieces_;
};

}  // namespace

void throw_damaged_text(const Database& database, std::int64_t message) {
  throw Error(
      ErrorCode::corruption,
      "store " + database.name() + ": the text of message " + std::to_string(message) +
          " that does not fill a page yet is damaged; restore a copy, or erase the scope and "
          "compact its history again");
}

std::size_t Store::add_messages(ScopeId scope, std::span<const NewMessage> messages,
                                bool restore_erased) {
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  MessageWriter writer(database, scope);
  Tombstones tombstones(database, scope);
  std::vector<bool> erased(messages.size());
  if (!restore_erased) erased = erased_among(tombstones, messages);
  std::size_t added = 0;
  std::vector<const NewMessage*> fresh;
  const auto add_fresh = [&] {
    added += writer.add(fresh);
    fresh.clear();
  };
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const NewMessage& message = messages[i];
    if (erased[i]) continue;
    if (restore_erased) {
      for (const Grave& grave : graves_of(message)) tombstones.remove(grave.source, grave.hash);
    }
    if (message.may_be_older) {
      add_fresh();  // one of them may have its identity
      if (writer.is_older(message)) continue;
    }
    fresh.push_back(&message);
  }
  add_fresh();
  transaction.commit();
  return added;
}

std::size_t Store::known_beginning(ScopeId scope, std::string_view stream, std::size_t offset,
                                   std::string_view source_id, std::string_view text) const {
  const std::string which = identity_of_piece(stream, offset, {}).which;
  const auto given = [&](std::string_view beginning) {
    return identity_of_piece(stream, offset, beginning).given;
  };
  Statement known = impl_->serving(scope).prepare(
      "SELECT bytes, identity, hash FROM messages WHERE bytes <= ?5 AND ((scope = ?1 AND "
      "identity >= ?2 AND identity < ?3) OR (scope = ?1 AND source_id = ?4 AND identity IS NULL)) "
      "ORDER BY bytes DESC");
  known.bind(scope, Blob(which), Blob(end_of(which)), source_id, text.size());
  while (known.step()) {
    const auto beginning = text.substr(0, static_cast<std::size_t>(known.integer(0)));
    const bool same = known.is_null(1) ? known.bytes(2) == sha256(beginning)
                                       : known.bytes(1).substr(which.size()) == given(beginning);
    if (same) return beginning.size();
  }
  const Tombstones tombstones(impl_->serving(scope), scope);
  if (const std::size_t erased = tombstones.known_beginning(which, text, given)) return erased;
  return tombstones.known_beginning(source_id, text, sha256);
}

std::size_t Store::count_erased(ScopeId scope, std::span<const NewMessage> messages) const {
  const Tombstones tombstones(impl_->serving(scope), scope);
  return static_cast<std::size_t>(std::ranges::count(erased_among(tombstones, messages), true));
}

std::vector<std::int64_t> Store::find_messages(ScopeId scope,
                                               std::span<const Condition> where) const {
  const PageFilter filter = message_filter(where);
  Statement row = impl_->serving(scope).prepare("SELECT m.id FROM messages m WHERE m.scope = ?" +
                                                filter.sql + " ORDER BY m.id");
  std::vector<BoundValue> values = {scope};
  values.insert(values.end(), filter.values.begin(), filter.values.end());
  row.bind_list(values);
  std::vector<std::int64_t> messages;
  while (row.step()) messages.push_back(row.integer(0));
  return messages;
}

std::vector<PageId> Store::pages_of_message(ScopeId scope, std::int64_t message) const {
  Statement row = impl_->serving(scope).prepare(
      "SELECT DISTINCT p.id, p.place FROM page_spans s JOIN pages p ON p.id = s.page "
      "WHERE s.message = ? AND p.scope = ? ORDER BY p.place");
  row.bind(message, scope);
  std::vector<PageId> pages;
  while (row.step()) pages.push_back(row.integer(0));
  return pages;
}

// Pieces may be cut inside a character.
std::size_t Store::verbatim_characters(ScopeId scope) const {
  Statement piece = impl_->serving(scope).prepare("SELECT text FROM verbatim WHERE scope = ?");
  piece.bind(scope);
  std::size_t characters = 0;
  while (piece.step()) characters += utf8_count(piece.bytes(0));
  return characters;
}

bool Store::knows_message(ScopeId scope, const MessageIdentity& identity) const {
  Statement row =
      impl_->serving(scope).prepare("SELECT 1 FROM messages WHERE scope = ? AND identity = ?");
  return row.bind(scope, Blob(identity.bytes())).step() ||
         Tombstones(impl_->serving(scope), scope).has(identity.which, identity.given);
}

bool Store::has_older_message(ScopeId scope, std::string_view source_id,
                              std::string_view text) const {
  Statement row = impl_->serving(scope).prepare(
      "SELECT 1 FROM messages WHERE scope = ? AND source_id = ? AND hash = ? AND identity IS NULL");
  return row.bind(scope, source_id, Blob(sha256(text))).step();
}

std::size_t Store::count_known(ScopeId scope, const std::string& conversation_key) const {
  Statement row = impl_->serving(scope).prepare(
      "SELECT count(*) FROM messages WHERE scope = ? AND identity >= ? AND identity < ?");
  row.bind(scope, Blob(conversation_key), Blob(end_of(conversation_key))).step();
  return static_cast<std::size_t>(row.integer(0)) +
         Tombstones(impl_->serving(scope), scope).count(conversation_key);
}

std::size_t Store::count_older_messages(ScopeId scope, std::string_view source) const {
  Statement row = impl_->serving(scope).prepare(
      "SELECT count(*) FROM messages WHERE scope = ? AND source_id >= ? AND source_id < ? "
      "AND identity IS NULL");
  const std::string from = std::string(source) + ':';
  row.bind(scope, from, end_of(from)).step();
  return static_cast<std::size_t>(row.integer(0));
}

Verbatim Store::verbatim(ScopeId scope, std::size_t max_bytes) const {
  Verbatim result;
  Transaction snapshot(impl_->serving(scope), Transaction::Kind::read);
  Statement last = impl_->serving(scope).prepare(
      "SELECT leaves_open FROM pages WHERE scope = ? ORDER BY place DESC LIMIT 1");
  last.bind(scope).send();
  Statement piece = impl_->serving(scope).prepare(
      "SELECT v.text, m.time, m.id, m.expires, v.message_begin, " +
      is_sound(impl_->serving(scope), "verbatim", "v") + ", m.role, m.bytes" +
      " FROM verbatim v JOIN messages m ON m.id = v.message "
      "WHERE v.scope = ? ORDER BY v.message, v.id");
  piece.bind(scope).send();
  if (last.step()) result.opening = last.text(0);
  last.reset();
  while (!result.more_follows && piece.step()) {
    if (piece.integer(5) == 0) throw_damaged_text(impl_->serving(scope), piece.integer(2));
    const auto text = piece.bytes(0);
    const std::size_t room = max_bytes - result.text.size();
    if (room > 0) {
      const auto begin = static_cast<std::size_t>(piece.integer(4));
      result.parts.push_back(
          {result.text.size(), piece.text(6), piece.integer(1), piece.integer(2), piece.integer(3),
           begin, begin + text.size() == static_cast<std::size_t>(piece.integer(7))});
    }
    result.text += text.substr(0, room);
    result.more_follows = text.size() > room;
  }
  return result;
}

}  // namespace fovea
