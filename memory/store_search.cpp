#include <algorithm>
#include <ctime>
#include <unordered_map>
#include <unordered_set>

#include "fovea/error.h"
#include "memory/ask_each.h"
#include "memory/checksum.h"
#include "memory/embedding_bytes.h"
#include "memory/page_filter.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

/// Beyond so many changed vectors the index file is written again; below, a search catches up by
/// itself, so that a program that writes and searches in turn does not write the file each time.
constexpr std::size_t kChangesPerSave = 256;

IndexStamp current_stamp(const Database& database, std::string_view fingerprint) {
  Statement row = database.prepare("SELECT uuid FROM store");
  row.step();
  return {.store = row.text(0),
          .fingerprint = std::string(fingerprint),
          .change = database.engine().embedding_stamp()};
}

bool is_of(const VectorIndex& index, const IndexStamp& stamp, std::size_t dim) {
  return index.stamp().store == stamp.store && index.stamp().fingerprint == stamp.fingerprint &&
         index.dim() == static_cast<int>(dim);
}

/// Page -> stamp of the change that wrote its embedding.
std::unordered_map<PageId, std::int64_t> changes_of(const Database& database,
                                                    std::string_view fingerprint) {
  std::unordered_map<PageId, std::int64_t> changes;
  Statement row = database.prepare(
      "SELECT page, change FROM embeddings WHERE checkpoint = "
      "(SELECT id FROM checkpoints WHERE fingerprint = ?)");
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
  if (index.entries().empty()) index.reserve(pages.size());
  ask_each(
      database,
      "SELECT p.scope, e.change, e.vector, " + is_sound(database, "embeddings", "e") +
          " FROM embeddings e JOIN pages p ON p.id = e.page WHERE e.page = ?",
      pages, [](Statement& row, PageId page) { row.bind(page); },
      [&](Statement& row, PageId page) {
        if (!row.step()) return;
        const std::vector<float> vector = unpack_embedding(row.bytes(2));
        const bool sound = row.integer(3) != 0;
        if (!sound || vector.size() != static_cast<std::size_t>(index.dim()))
          return;  // verify tells
        index.add({.page = page, .scope = row.integer(0), .change = row.integer(1)}, vector);
      });
  return removed + pages.size();
}

/// Pages whose time is over, and which are not erased yet.
std::unordered_set<PageId> expired_pages(const Database& database, ScopeId scope) {
  std::unordered_set<PageId> pages;
  Statement row =
      database.prepare("SELECT id FROM pages WHERE scope = ? AND expires <> 0 AND expires <= ?");
  row.bind(scope, std::time(nullptr));
  while (row.step()) pages.insert(row.integer(0));
  return pages;
}

/// Writes the index file, unless another process has changed the embeddings since: then it could
/// bring back what was erased.
bool save_if_current(const VectorIndex& index, const std::string& path, const Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  const auto stamp = current_stamp(database, index.stamp().fingerprint);
  return stamp.change == index.stamp().change && index.save(path, database.engine().data_key());
}

}  // namespace

bool Store::Impl::save_index() {
  if (index_path.empty() || database.is_read_only())
    return false;                    // SQLite makes its write transaction one that reads
  const Patience none(database, 0);  // a search does not wait for writers
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
      index = index_path.empty() ? nullptr
                                 : VectorIndex::load(index_path, database.engine().data_key());
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

std::vector<PageScore> Store::search_vectors(const Scope& scope, std::string_view fingerprint,
                                             std::span<const float> query, std::size_t k,
                                             std::span<const Condition> where) const {
  if (query.empty())
    throw Error(ErrorCode::invalid_argument, "search: the query's embedding is empty");
  const PageFilter filter = page_filter(scope, where);
  if (k == 0) return {};
  impl_->serving(scope);
  const VectorIndex& index = impl_->current_index(fingerprint, query.size());
  if (where.empty()) {
    const ScopeId own = find_scope(scope).value_or(0);
    const auto over = expired_pages(impl_->serving(scope), own);
    return index.search(
        [&](const IndexEntry& entry) { return entry.scope == own && !over.contains(entry.page); },
        query, k);
  }
  std::unordered_set<PageId> fitting;
  Statement row = impl_->serving(scope).prepare("SELECT p.id FROM pages p WHERE " + filter.sql);
  row.bind_list(filter.values);
  while (row.step()) fitting.insert(row.integer(0));
  return index.search([&](const IndexEntry& entry) { return fitting.contains(entry.page); }, query,
                      k);
}

std::size_t Store::count_unsearchable(std::string_view fingerprint) const {
  Statement all = impl_->serving_last().prepare(
      "SELECT count(*) FROM embeddings WHERE checkpoint = "
      "(SELECT id FROM checkpoints WHERE fingerprint = ?)");
  all.bind(fingerprint).step();
  const auto count = static_cast<std::size_t>(all.integer(0));
  const bool known = impl_->index && impl_->index->stamp().fingerprint == fingerprint;
  return known ? count - std::min(count, impl_->index->entries().size()) : 0;
}

namespace {

/// Those of the pages for which the statement gives no row.
std::vector<PageId> without_row(const Database& database, std::string_view sql,
                                std::span<const PageId> pages) {
  std::vector<PageId> without;
  ask_each(
      database, sql, pages, [](Statement& row, PageId page) { row.bind(page); },
      [&](Statement& row, PageId page) {
        if (!row.step()) without.push_back(page);
      });
  return without;
}

}  // namespace

std::vector<PageId> Store::without_words(std::span<const PageId> pages) const {
  return without_row(impl_->serving_last(),
                     "SELECT 1 FROM page_spans s JOIN pieces p ON p.message = s.message "
                     "WHERE s.page = ?1 AND p.page = ?1 AND p.words >= 0 LIMIT 1",
                     pages);
}

std::vector<PageId> Store::without_archive(std::span<const PageId> pages) const {
  return without_row(impl_->serving_last(), "SELECT 1 FROM archive WHERE page = ?", pages);
}

std::size_t Store::count_pages(const Scope& scope, std::span<const Condition> where) const {
  const PageFilter filter = page_filter(scope, where);
  Statement row = impl_->serving(scope).prepare("SELECT count(*) FROM pages p WHERE " + filter.sql);
  row.bind_list(filter.values).step();
  return static_cast<std::size_t>(row.integer(0));
}

std::vector<std::pair<Scope, Time>> Store::whereabouts(std::span<const PageId> pages) const {
  std::vector<std::pair<Scope, Time>> places;
  ask_each(
      impl_->serving_last(),
      "SELECT s.user, s.agent, s.session, s.run, p.time FROM pages p JOIN scopes s "
      "ON s.id = p.scope WHERE p.id = ?",
      pages, [](Statement& row, PageId page) { row.bind(page); },
      [&](Statement& row, PageId page) {
        if (!row.step())
          throw Error(ErrorCode::not_found,
                      "store " + path() + ": no page " + std::to_string(page));
        places.push_back({{row.text(0), row.text(1), row.text(2), row.text(3)}, row.integer(4)});
      });
  return places;
}

}  // namespace fovea
