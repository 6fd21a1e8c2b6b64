#include <algorithm>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/page_notes.h"
#include "memory/page_rows.h"

namespace fovea {
namespace {

constexpr const char* kPageColumns =
    "SELECT p.id, p.place, p.level, p.density, p.time, p.last_recalled, p.pinned, "
    "a.page IS NOT NULL, c.page IS NOT NULL, p.characters, p.bytes, p.text_tokens, "
    "coalesce(t.count, 0), p.expires, p.legible_at, p.opening, p.awaits_result, "
    "p.begins_with_result, coalesce(c.keeps_text, 0) "
    "FROM pages p LEFT JOIN tokens t ON t.page = p.id LEFT JOIN archive a ON a.page = p.id "
    "LEFT JOIN corrections c ON c.page = p.id ";

std::optional<DocumentSetting> document_of(const Statement& row, int column) {
  if (row.is_null(column)) return {};
  return DocumentSetting{level_from_name(row.bytes(column)), row.text(column + 1)};
}

std::optional<ToolEnds> tools_of(const Statement& row, int column) {
  if (row.is_null(column)) return {};
  return ToolEnds{row.integer(column) != 0, row.integer(column + 1) != 0};
}

StoredPage stored_page_of(const Statement& row) {
  const auto size = [&](int column) { return static_cast<std::size_t>(row.integer(column)); };
  return {.id = row.integer(0),
          .order = row.integer(1),
          .level = level_from_name(row.bytes(2)),
          .density = density_from_columns(static_cast<int>(row.integer(3))),
          .document = document_of(row, 14),
          .time = row.integer(4),
          .last_recalled = row.integer(5),
          .expires = row.integer(13),
          .pinned = row.integer(6) != 0,
          .has_archive = row.integer(7) != 0,
          .has_corrections = row.integer(8) != 0,
          .keeps_text = row.integer(18) != 0,
          .characters = size(9),
          .bytes = size(10),
          .text_tokens = size(11),
          .vision_tokens = static_cast<int>(row.integer(12)),
          .tools = tools_of(row, 16)};
}

/// Of a row that has its level before it.
Fidelity fidelity_of(const Statement& row) {
  return {.accuracy = row.real(1),
          .exact_rows = row.real(2),
          .word_precision = row.real(3),
          .error = row.real(4)};
}

/// All measurements of pages of a scope, which are in order, one behind the other.
void read_fidelity(const Database& database, ScopeId scope, std::span<StoredPage> pages) {
  if (pages.empty()) return;
  Statement row = database.prepare(
      "SELECT f.level, f.accuracy, f.exact_rows, f.word_precision, f.error, p.place FROM pages p "
      "JOIN tokens t ON t.page = p.id JOIN page_fidelity f ON f.page = p.id "
      "AND f.checkpoint = t.checkpoint WHERE p.scope = ? AND p.place BETWEEN ? AND ? "
      "ORDER BY p.place");
  row.bind(scope, pages.front().order, pages.back().order);
  auto page = pages.begin();
  while (row.step()) {
    while (page->order < row.integer(5)) ++page;
    page->fidelity[level_from_name(row.bytes(0))] = fidelity_of(row);
  }
}

[[noreturn]] void throw_no_page(const Database& database, ScopeId scope, PageId page) {
  throw Error(ErrorCode::not_found, "no page " + std::to_string(page) + " in scope " +
                                        describe_scope(database, scope) + " of store " +
                                        database.name());
}

}  // namespace

void require_page(const Database& database, ScopeId scope, PageId page) {
  Statement row = database.prepare("SELECT 1 FROM pages WHERE id = ? AND scope = ?");
  if (!row.bind(page, scope).step()) throw_no_page(database, scope, page);
}

std::vector<StoredPage> Store::pages(ScopeId scope, std::int64_t after, std::size_t limit) const {
  const Database& database = impl_->serving(scope);
  Transaction snapshot(database, Transaction::Kind::read);
  std::vector<StoredPage> result;
  const auto most = static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX));
  Statement row = database.prepare(std::string(kPageColumns) +
                                   "WHERE p.scope = ? AND p.place > ? ORDER BY p.place LIMIT ?");
  row.bind(scope, after, most);
  while (row.step()) result.push_back(stored_page_of(row));
  read_fidelity(database, scope, result);
  return result;
}

StoredPage Store::page(ScopeId scope, PageId id) const {
  if (auto page = find_page(scope, id)) return *std::move(page);
  throw_no_page(impl_->serving(scope), scope, id);
}

std::optional<StoredPage> Store::find_page(ScopeId scope, PageId id) const {
  const Database& database = impl_->serving(scope);
  Transaction snapshot(database, Transaction::Kind::read);
  Statement row = database.prepare(std::string(kPageColumns) + "WHERE p.id = ? AND p.scope = ?");
  if (!row.bind(id, scope).step()) return {};
  StoredPage result = stored_page_of(row);
  read_fidelity(database, scope, {&result, 1});
  return result;
}

VisionTokens Store::tokens(ScopeId scope, PageId id) const {
  const Database& database = impl_->serving(scope);
  Transaction snapshot(database, Transaction::Kind::read);
  Statement row = database.prepare(
      "SELECT p.level, p.density, p.row_lengths, t.count, t.dim, t.vals, t.scales, k.fingerprint, "
      "p.legible_at IS NOT NULL, " +
      is_sound(database, "tokens", "t") +
      " FROM pages p JOIN tokens t ON t.page = p.id JOIN checkpoints k ON k.id = t.checkpoint "
      "WHERE p.id = ?");
  row.bind(id).send();
  require_page(database, scope, id);
  const auto damaged = [&](const std::string& what) {
    return Error(ErrorCode::corruption, "store " + database.name() + ": page " +
                                            std::to_string(id) + " " + what +
                                            "; `memctl migrate` makes them again if its exact "
                                            "text was kept; otherwise erase the page or restore a "
                                            "copy");
  };
  if (!row.step()) throw damaged("has lost its vision tokens");
  if (row.integer(9) == 0) throw damaged("has vision tokens that do not match their checksum");
  const auto rows = row.items<std::uint8_t>(2);
  VisionTokens tokens{.level = level_from_name(row.bytes(0)),
                      .layout = row.integer(8) != 0 ? Layout::document : Layout::cells,
                      .density = density_from_columns(static_cast<int>(row.integer(1))),
                      .row_lengths = {rows.begin(), rows.end()},
                      .count = static_cast<int>(row.integer(3)),
                      .dim = static_cast<int>(row.integer(4)),
                      .values = {},
                      .scales = row.items<float>(6),
                      .fingerprint = row.text(7)};
  if (tokens.scales.empty())
    tokens.code = row.items<std::uint8_t>(5);
  else
    tokens.values = row.items<std::int8_t>(5);
  try {
    check_tokens(tokens);
  } catch (const Error&) {
    throw damaged("has damaged vision tokens");
  }
  return tokens;
}

bool Store::embedding_is_damaged(ScopeId scope, PageId id) const {
  Transaction snapshot(impl_->serving(scope), Transaction::Kind::read);
  require_page(impl_->serving(scope), scope, id);
  Statement row =
      impl_->serving(scope).prepare("SELECT " + is_sound(impl_->serving(scope), "embeddings") +
                                    " FROM embeddings WHERE page = ?");
  return row.bind(id).step() && row.integer(0) == 0;
}

std::optional<std::string> Store::archived_text(ScopeId scope, PageId id) const {
  const Database& database = impl_->serving(scope);
  Transaction snapshot(database, Transaction::Kind::read);
  Statement row = ask_archive(database, id);
  require_page(database, scope, id);
  return archived(database, id, row, true);
}

std::map<PageId, std::map<Level, Fidelity>> Store::fidelities(ScopeId scope,
                                                              std::string_view fingerprint) const {
  Statement row = impl_->serving(scope).prepare(
      "SELECT f.level, f.accuracy, f.exact_rows, f.word_precision, f.error, f.page "
      "FROM page_fidelity f JOIN pages p ON p.id = f.page WHERE p.scope = ? AND f.checkpoint = "
      "(SELECT id FROM checkpoints WHERE fingerprint = ?)");
  row.bind(scope, fingerprint);
  std::map<PageId, std::map<Level, Fidelity>> result;
  while (row.step()) result[row.integer(5)][level_from_name(row.bytes(0))] = fidelity_of(row);
  return result;
}

std::string Store::anchors(ScopeId scope, PageId id) const {
  Transaction snapshot(impl_->serving(scope), Transaction::Kind::read);
  require_page(impl_->serving(scope), scope, id);
  return read_note(impl_->serving(scope), PageNote::anchors, id);
}

std::string Store::corrections(ScopeId scope, PageId id) const {
  Transaction snapshot(impl_->serving(scope), Transaction::Kind::read);
  require_page(impl_->serving(scope), scope, id);
  return read_note(impl_->serving(scope), PageNote::corrections, id);
}

std::vector<PageSpan> Store::spans(ScopeId scope, PageId id) const {
  const Database& database = impl_->serving(scope);
  Transaction snapshot(database, Transaction::Kind::read);
  Statement row = database.prepare(
      "SELECT s.message, m.role, m.time, s.page_begin, s.message_begin, s.length, "
      "s.message_begin + s.length = m.bytes "
      "FROM page_spans s JOIN messages m ON m.id = s.message WHERE s.page = ? ORDER BY "
      "s.page_begin");
  row.bind(id).send();
  require_page(database, scope, id);
  std::vector<PageSpan> result;
  const auto size = [&](int column) { return static_cast<std::size_t>(row.integer(column)); };
  while (row.step())
    result.push_back({row.integer(0), row.text(1), row.integer(2), size(3), size(4), size(5),
                      row.integer(6) != 0});
  return result;
}

}  // namespace fovea
