#include <algorithm>
#include <cmath>
#include <ctime>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/embedding_bytes.h"
#include "memory/message_texts.h"
#include "memory/page_filter.h"
#include "memory/piece_query.h"
#include "memory/piece_vectors.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

[[noreturn]] void refuse_vectors(const std::string& embedder, const std::string& what) {
  throw Error(ErrorCode::invalid_argument, "embedder " + embedder + ": " + what);
}

/// Of unit length. Throws Error(invalid_argument) for one that says nothing.
std::vector<float> as_unit(const std::string& embedder, const std::vector<float>& vector) {
  double length = 0;
  for (const float value : vector) length += static_cast<double>(value) * static_cast<double>(value);
  if (!std::isfinite(length))
    refuse_vectors(embedder, "gave a vector with numbers that are not finite");
  if (length <= 0) refuse_vectors(embedder, "gave a vector of zeros");
  std::vector<float> unit;
  for (const float value : vector)
    unit.push_back(static_cast<float>(static_cast<double>(value) / std::sqrt(length)));
  return unit;
}

/// Of the scope's vectors, 0: there are none.
std::size_t dimension_of(const Database& database, ScopeId scope) {
  Statement row =
      database.prepare("SELECT length(vector) FROM piece_vectors WHERE piece BETWEEN ? AND ? LIMIT 1");
  if (!row.bind(word_row(scope, 0), word_row(scope + 1, -1)).step()) return 0;
  return static_cast<std::size_t>(row.integer(0)) - sizeof(float);
}

void note_vectors(const Database& database, ScopeId scope) {
  database.prepare("UPDATE scopes SET vector_changes = vector_changes + 1 WHERE id = ?")
      .bind(scope)
      .run();
}

}  // namespace

void Store::Impl::throw_other_embedder(ScopeId scope, const std::string& there,
                                       const std::string& given) const {
  throw Error(ErrorCode::invalid_argument,
              "store " + database.name() + ": the pieces of " + describe_scope(database, scope) +
                  " have vectors from embedder " + there + ", and " + given +
                  " was given; their numbers cannot be compared: give " + there +
                  ", or embed the pieces again (`memctl embed --replace`)");
}

void Store::require_embedder(ScopeId scope, const std::string& embedder) const {
  const std::string there = embedder_of(impl_->serving(scope), scope);
  if (!there.empty() && there != embedder) impl_->throw_other_embedder(scope, there, embedder);
}

std::optional<std::string> Store::to_be_embedded(const std::string& embedder, const Scope& scope,
                                                 std::string_view query,
                                                 std::span<const Condition> where) const {
  const auto scopes =
      scopes_searched(impl_->serving(scope), find_scope(scope).value_or(0), scope, where);
  bool any = false;
  for (const ScopeId id : scopes) {
    require_embedder(id, embedder);
    any = any || dimension_of(impl_->serving(scope), id) > 0;
  }
  if (!any) return {};
  return without_names(query, impl_->pieces_of(scopes));
}

std::vector<Piece> Store::pieces_without_vector(ScopeId scope, std::int64_t after,
                                                std::size_t limit) const {
  const Database& database = impl_->serving(scope);
  const Transaction snapshot(database, Transaction::Kind::read);
  MessageTexts texts(database);
  Statement row = database.prepare(
      "SELECT p.place, p.message, p.message_begin, p.length, m.expires FROM pieces p "
      "JOIN messages m ON m.id = p.message "
      "LEFT JOIN piece_vectors v ON v.piece = (p.scope << 32) + p.place "
      "WHERE p.scope = ? AND p.place > ? AND p.words <> ? AND (v.piece IS NULL OR NOT " +
      is_sound(database, "piece_vectors", "v") + ") ORDER BY p.place");
  row.bind(scope, after, kNoWords);
  const Time now = std::time(nullptr);
  std::vector<Piece> pieces;
  while (pieces.size() < limit && row.step()) {
    if (row.integer(4) != 0 && row.integer(4) <= now) continue;
    Piece piece{.place = row.integer(0),
                .message = row.integer(1),
                .begin = static_cast<std::size_t>(row.integer(2)),
                .length = static_cast<std::size_t>(row.integer(3))};
    piece.text = texts.text(scope, {piece.message, piece.begin, piece.length});
    if (piece.text) pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::size_t Store::set_vectors(ScopeId scope, const std::string& embedder,
                               std::span<const Piece> pieces,
                               std::span<const std::vector<float>> vectors) {
  if (embedder.empty())
    throw Error(ErrorCode::invalid_argument,
                "embedder: its name is empty; the name identifies the model");
  if (pieces.size() != vectors.size())
    refuse_vectors(embedder, "gave " + std::to_string(vectors.size()) + " vectors for " +
                                 std::to_string(pieces.size()) + " texts");
  const Database& database = impl_->serving(scope);
  std::vector<std::string> packed;
  for (const std::vector<float>& vector : vectors) packed.push_back(pack_embedding(as_unit(embedder, vector)));
  Transaction transaction(database, Transaction::Kind::write, scope);
  require_embedder(scope, embedder);
  const std::size_t known = dimension_of(database, scope);
  const std::size_t dim = known > 0 || vectors.empty() ? known : vectors.front().size();
  Statement there = database.prepare(
      "SELECT 1 FROM pieces WHERE scope = ? AND place = ? AND message = ? AND message_begin = ? "
      "AND length = ? AND words <> ?");
  Statement write = database.prepare(upsert_checked(database, "piece_vectors", {"piece"}));
  const std::int64_t id = embedder_id(database, embedder);
  std::size_t written = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (vectors[i].size() != dim)
      refuse_vectors(embedder, "gave a vector of " + std::to_string(vectors[i].size()) +
                                   " numbers, others have " + std::to_string(dim) +
                                   "; give a different model a different name");
    const Piece& piece = pieces[i];
    if (!there.bind(scope, piece.place, piece.message, piece.begin, piece.length, kNoWords).step()) continue;
    write.bind(word_row(scope, piece.place), id, Blob(std::string_view(packed[i]))).run();
    ++written;
  }
  there.reset();
  if (written > 0) note_vectors(database, scope);
  transaction.commit();
  return written;
}

std::size_t Store::remove_vectors(ScopeId scope) {
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  database.prepare("DELETE FROM piece_vectors WHERE piece BETWEEN ? AND ?")
      .bind(word_row(scope, 0), word_row(scope + 1, -1))
      .run();
  const std::size_t removed = database.changes();
  note_piece_change(database, scope);  // whoever has them in memory reads anew
  transaction.commit();
  return removed;
}

VectorStats Store::vector_stats(ScopeId scope) const {
  const Database& database = impl_->serving(scope);
  VectorStats stats;
  Statement pieces = database.prepare("SELECT count(*) FROM pieces WHERE scope = ? AND words <> ?");
  if (pieces.bind(scope, kNoWords).step()) stats.pieces = static_cast<std::size_t>(pieces.integer(0));
  Statement vectors = database.prepare(
      "SELECT count(*), coalesce(sum(length(vector)), 0) FROM piece_vectors "
      "WHERE piece BETWEEN ? AND ?");
  if (vectors.bind(word_row(scope, 0), word_row(scope + 1, -1)).step()) {
    stats.with_vector = static_cast<std::size_t>(vectors.integer(0));
    stats.bytes = static_cast<std::size_t>(vectors.integer(1));
  }
  stats.embedder = embedder_of(database, scope);
  return stats;
}

std::int64_t Store::last_place(ScopeId scope) const {
  Statement row = impl_->serving(scope).prepare(
      "SELECT place FROM pieces WHERE scope = ? ORDER BY place DESC LIMIT 1");
  return row.bind(scope).step() ? row.integer(0) : 0;
}

}  // namespace fovea
