#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/database.h"
#include "memory/piece_index.h"
#include "memory/piece_rank.h"
#include "memory/store.h"
#include "memory/vector_index.h"

namespace fovea {

struct Store::Impl {
  Impl(const std::string& name, const StoreOptions& options);

  /// The database, which from now on serves the scope's user and, where the server keeps users apart,
  /// shows nothing of others. Each call says for whom before it reads.
  const Database& serving(ScopeId scope);
  const Database& serving(const Scope& scope);
  const Database& serving_last();  ///< the user whom the call before it served
  const Database& serving_all();   ///< for what concerns the whole store

  /// The index of a checkpoint's embeddings [dim], as the store has them now.
  VectorIndex& current_index(std::string_view fingerprint, std::size_t dim);
  /// False when the system refuses, or another process writes or has changed the embeddings since.
  bool save_index();

  /// The scopes' pieces as they are now, and with `meaning` their vectors. Outside of transactions;
  /// they last until the next call.
  std::vector<const PieceIndex*> pieces_of(std::span<const ScopeId> scopes, bool meaning = false);

  void save_blocks_of(ScopeId scope);

  struct Ranked {
    std::vector<const PieceIndex*> scopes;
    std::vector<PieceScores> scores{};  ///< of each
    std::size_t phrases = 0;  ///< of the question
  };
  /// Throws Error(invalid_argument) for vectors of another embedder than `meaning` is of.
  Ranked ranked(std::span<const ScopeId> scopes, std::string_view query,
                const QuestionVector& meaning, Scored scored);
  [[noreturn]] void throw_other_embedder(ScopeId scope, const std::string& there,
                                         const std::string& given) const;

  std::string path;        ///< absolute; of a server its URL
  std::string index_path;  ///< of the vector index; empty: it is in memory alone
  Database database;
  std::map<ScopeId, std::string> users;  ///< whose the scopes are, as far as they were asked for
  std::map<std::array<std::string, 4>, ScopeId> scopes;  ///< known by name: they stay
  std::string last_user;
  std::unique_ptr<VectorIndex> index;    ///< as of the last search; absent before the first
  std::size_t index_changes = 0;         ///< vectors that `index` has changed since its file
  std::map<ScopeId, PieceIndex> pieces;  ///< of scopes asked for lately, as they were then
  std::vector<PieceScores> spare_scores;  ///< of the last ranking: the system is slow to give so much memory
  bool text_dropped = false;             ///< this Store put text away that is to be kept nowhere
};

/// Throws Error(not_found) unless the page is in the scope.
void require_page(const Database& database, ScopeId scope, PageId page);
/// As to_text(Scope) writes it.
std::string describe_scope(const Database& database, ScopeId scope);

/// Throws Error(corruption) for a message whose text on no page is damaged.
[[noreturn]] void throw_damaged_text(const Database& database, std::int64_t message);

/// Asks for the text of a page in the archive, which archived() then gives: nothing when there is
/// none, or when it is damaged and `strict` is off. Throws Error(corruption) when `strict`.
Statement ask_archive(const Database& database, PageId page);
std::optional<std::string> archived(const Database& database, PageId page, Statement& row,
                                    bool strict);
/// At once; nothing, too, where it is damaged.
std::optional<std::string> read_archive(const Database& database, PageId page);
/// The same of many.
std::map<PageId, std::optional<std::string>> read_archives(const Database& database,
                                                           std::span<const PageId> pages);
/// The exact text of a new page.
void write_archive(const Database& database, PageId page, std::string_view text);
/// Takes the pages' exact text and its words away. Returns how many rows of the archive.
std::size_t remove_text(const Database& database, ScopeId scope, std::span<const PageId> pages);

/// The scopes that the pages of a search are in; without conditions its own.
std::vector<ScopeId> scopes_searched(const Database& database, ScopeId own, const Scope& scope,
                                     std::span<const Condition> where);

void write_history(const Database& database, ScopeId scope, const HistoryEntry& entry);

}  // namespace fovea
