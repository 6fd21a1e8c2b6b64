#include "memory/tombstones.h"

#include <sodium.h>

#include "memory/archive.h"
#include "memory/ask_each.h"
#include "memory/checksum.h"

namespace fovea {
namespace {

constexpr std::size_t kMarkBytes = 16;
constexpr const char* kKnownBy =
    "SELECT substr(identity, 1, 16), substr(identity, 17), source_id, hash, bytes FROM messages ";
constexpr const char* kHas = "SELECT 1 FROM tombstones WHERE scope = ? AND source = ? AND mark = ?";

/// Returns how many messages the rows were.
std::size_t bury(Tombstones& tombstones, Statement& row) {
  std::size_t messages = 0;
  for (; row.step(); ++messages) {
    const int known_by = row.is_null(0) ? 2 : 0;
    tombstones.put(row.bytes(known_by), row.bytes(known_by + 1),
                   static_cast<std::size_t>(row.integer(4)));
  }
  return messages;
}

}  // namespace

std::string scope_secret(const Database& database, ScopeId scope) {
  Statement row = database.prepare("SELECT secret FROM tombstone_secrets WHERE scope = ?");
  return row.bind(scope).step() ? row.text(0) : std::string();
}

void make_scope_secret(const Database& database, ScopeId scope) {
  std::string secret(crypto_generichash_KEYBYTES, '\0');
  randombytes_buf(secret.data(), secret.size());
  database.prepare(insert_checked(database, "tombstone_secrets") + " ON CONFLICT DO NOTHING")
      .bind(scope, Blob(secret))
      .run();
}

Tombstones::Tombstones(const Database& database, ScopeId scope)
    : database_(database), scope_(scope), secret_(scope_secret(database, scope)) {}

std::string Tombstones::mark(std::string_view what) const {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  std::string result(kMarkBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(result.data()), result.size(), bytes(what),
                     what.size(), bytes(secret_), secret_.size());
  return result;
}

void Tombstones::put(std::string_view source, std::string_view hash, std::size_t bytes) {
  if (source.empty()) return;
  if (secret_.empty()) {
    make_scope_secret(database_, scope_);
    secret_ = scope_secret(database_, scope_);
  }
  database_.prepare(insert_checked(database_, "tombstones") + " ON CONFLICT DO NOTHING")
      .bind(scope_, Blob(mark(source)), Blob(mark(hash)), bytes)
      .run();
}

bool Tombstones::has(std::string_view source, std::string_view hash) const {
  if (secret_.empty() || source.empty()) return false;
  Statement row = database_.prepare(kHas);
  return row.bind(scope_, Blob(mark(source)), Blob(mark(hash))).step();
}

std::vector<bool> Tombstones::have(std::span<const Grave> graves) const {
  std::vector<bool> there;
  if (secret_.empty()) return std::vector<bool>(graves.size());
  ask_each(
      database_, kHas, graves,
      [&](Statement& row, const Grave& grave) {
        row.bind(scope_, Blob(mark(grave.source)), Blob(mark(grave.hash)));
      },
      [&](Statement& row, const Grave& grave) {
        there.push_back(row.step() && !grave.source.empty());
      });
  return there;
}

bool Tombstones::remove(std::string_view source, std::string_view hash) {
  if (!has(source, hash)) return false;
  database_.prepare("DELETE FROM tombstones WHERE scope = ? AND source = ? AND mark = ?")
      .bind(scope_, Blob(mark(source)), Blob(mark(hash)))
      .run();
  return true;
}

std::size_t Tombstones::count(std::string_view source) const {
  if (secret_.empty()) return 0;
  Statement row = database_.prepare("SELECT count(*) FROM tombstones WHERE scope = ? AND source = ?");
  row.bind(scope_, Blob(mark(source))).step();
  return static_cast<std::size_t>(row.integer(0));
}

std::size_t Tombstones::known_beginning(
    std::string_view source, std::string_view text,
    const std::function<std::string(std::string_view)>& hash_of) const {
  if (secret_.empty() || source.empty()) return 0;
  Statement row = database_.prepare(
      "SELECT bytes, mark FROM tombstones WHERE scope = ? AND source = ? AND bytes <= ? "
      "ORDER BY bytes DESC");
  row.bind(scope_, Blob(mark(source)), text.size());
  while (row.step()) {
    const auto bytes = static_cast<std::size_t>(row.integer(0));
    if (row.bytes(1) == mark(hash_of(text.substr(0, bytes)))) return bytes;
  }
  return 0;
}

void bury_all(const Database& database, ScopeId scope) {
  Statement row = database.prepare(std::string(kKnownBy) + "WHERE scope = ?");
  row.bind(scope);
  Tombstones tombstones(database, scope);
  bury(tombstones, row);
}

std::size_t bury_those_gone(const Database& database, ScopeId scope,
                            std::span<const std::int64_t> messages) {
  if (messages.empty()) return 0;
  Tombstones tombstones(database, scope);
  Statement remove = database.prepare("DELETE FROM messages WHERE id = ?");
  std::size_t buried = 0;
  ask_each(
      database,
      std::string(kKnownBy) +
          "WHERE scope = ?1 AND id = ?2 "
          "AND NOT EXISTS (SELECT 1 FROM page_spans WHERE message = ?2) "
          "AND NOT EXISTS (SELECT 1 FROM verbatim WHERE scope = ?1 AND message = ?2)",
      messages, [&](Statement& row, std::int64_t message) { row.bind(scope, message); },
      [&](Statement& row, std::int64_t message) {
        if (bury(tombstones, row) == 0) return;
        row.reset();
        remove.bind(message).run();
        ++buried;
      });
  return buried;
}

}  // namespace fovea
