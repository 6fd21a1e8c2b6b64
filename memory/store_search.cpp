#include <algorithm>
#include <unordered_map>

#include "fovea/error.h"
#include "memory/full_text.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

/// Beyond so many changed vectors the index file is written again; below, a search catches up by
/// itself, so that a program that writes and searches in turn does not write the file each time.
constexpr std::size_t kChangesPerSave = 256;

IndexStamp current_stamp(const Database& database, std::string_view fingerprint) {
  Statement row = database.prepare("SELECT uuid, embedding_stamp FROM store");
  row.step();
  return {.store = row.text(0), .fingerprint = std::string(fingerprint), .change = row.integer(1)};
}

bool is_of(const VectorIndex& index, const IndexStamp& stamp, std::size_t dim) {
  return index.stamp().store == stamp.store && index.stamp().fingerprint == stamp.fingerprint &&
         index.dim() == static_cast<int>(dim);
}

/// Page -> stamp of the change that wrote its embedding.
std::unordered_map<PageId, std::int64_t> changes_of(const Database& database,
                                                    std::string_view fingerprint) {
  std::unordered_map<PageId, std::int64_t> changes;
  Statement row = database.prepare("SELECT page, change FROM embeddings WHERE fingerprint = ?");
  row.bind(fingerprint);
  while (row.step()) changes[row.integer(0)] = row.integer(1);
  return changes;
}

/// Makes `index` hold just the embeddings that the store has. Returns how many vectors changed.
std::size_t catch_up(VectorIndex& index, const Database& database) {
  auto missing = changes_of(database, index.stamp().fingerprint);
  std::vector<bool> kept;
  for (const IndexEntry& entry : index.entries()) {
    const auto found = missing.find(entry.page);
    kept.push_back(found != missing.end() && found->second == entry.change);
    if (kept.back()) missing.erase(found);
  }
  const auto removed = static_cast<std::size_t>(std::ranges::count(kept, false));
  index.keep_only(kept);

  std::vector<PageId> pages;
  for (const auto& [page, change] : missing) pages.push_back(page);
  std::ranges::sort(pages);
  Statement row = database.prepare(
      "SELECT p.scope, e.change, e.vector FROM embeddings e JOIN pages p ON p.id = e.page "
      "WHERE e.page = ?");
  for (const PageId page : pages) {
    if (!row.bind(page).step()) continue;
    const auto vector = row.items<float>(2);
    if (vector.size() != static_cast<std::size_t>(index.dim())) continue;  // verify reports it
    index.add({.page = page, .scope = row.integer(0), .change = row.integer(1)}, vector);
  }
  return removed + pages.size();
}

/// Writes the index file, unless another process has changed the embeddings since: then it could
/// bring back what was erased.
bool save_if_current(const VectorIndex& index, const std::string& path, const Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  const auto stamp = current_stamp(database, index.stamp().fingerprint);
  return stamp.change == index.stamp().change && index.save(path);
}

}  // namespace

bool Store::Impl::save_index() {
  try {
    if (!save_if_current(*index, index_path, database)) return false;
  } catch (const Error&) {
    return false;  // read-only or locked: it stays a cache in memory
  }
  index_changes = 0;
  return true;
}

VectorIndex& Store::Impl::current_index(std::string_view fingerprint, std::size_t dim) {
  {
    Transaction snapshot(database, Transaction::Kind::read);
    const IndexStamp stamp = current_stamp(database, fingerprint);
    if (!index || !is_of(*index, stamp, dim)) {
      index = VectorIndex::load(index_path);
      index_changes = 0;
    }
    if (!index || !is_of(*index, stamp, dim))
      index = std::make_unique<VectorIndex>(IndexStamp{stamp.store, stamp.fingerprint, 0},
                                            static_cast<int>(dim));
    if (index->stamp().change == stamp.change) return *index;
    index_changes += catch_up(*index, database);
    index->set_change(stamp.change);
  }
  if (index_changes >= kChangesPerSave) save_index();
  return *index;
}

std::vector<PageScore> Store::search_text(ScopeId scope, std::string_view query,
                                          std::size_t k) const {
  const std::string expression = match_expression(query);
  if (expression.empty() || k == 0) return {};
  Statement row = impl_->database.prepare(
      "SELECT f.rowid, -bm25(full_text) AS score FROM full_text f JOIN pages p ON p.id = f.rowid "
      "WHERE full_text MATCH ? AND p.scope = ? ORDER BY score DESC, f.rowid LIMIT ?");
  row.bind(expression, scope, static_cast<std::int64_t>(std::min<std::size_t>(k, INT64_MAX)));
  std::vector<PageScore> found;
  while (row.step()) found.push_back({row.integer(0), row.real(1)});
  return found;
}

std::vector<PageScore> Store::search_vectors(ScopeId scope, std::string_view fingerprint,
                                             std::span<const float> query, std::size_t k) {
  if (query.empty())
    throw Error(ErrorCode::invalid_argument, "search: the query's embedding is empty");
  if (k == 0) return {};
  return impl_->current_index(fingerprint, query.size()).search(scope, query, k);
}

}  // namespace fovea
