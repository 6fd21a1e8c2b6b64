#include "memory/store.h"

#include <algorithm>
#include <filesystem>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/server_url.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

std::string absolute(const std::string& path) {
  if (path.empty())
    throw Error(ErrorCode::invalid_argument, "store: the path is empty; give a file");
  std::error_code error;  // of a folder that may not be looked into: opening the file tells
  if (std::filesystem::is_directory(path, error))
    throw Error(ErrorCode::invalid_argument, "store " + path + " is a folder; give a file");
  const auto full = std::filesystem::absolute(path, error);
  if (error) throw Error(ErrorCode::io, "store " + path + ": " + error.message());
  return full.lexically_normal().string();
}

std::size_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::size_t>(size);
}

/// What errors call a store.
std::string shown_name(const std::string& name, const StoreOptions& options) {
  return options.name.empty() ? shown_store(name) : options.name;
}

/// A scope that is stored is written as text, which has no empty names.
void check_names(const Scope& name) {
  const std::string* const parts[] = {&name.user, &name.agent, &name.session, &name.run};
  if (std::ranges::any_of(parts, &std::string::empty))
    throw Error(ErrorCode::invalid_argument,
                "scope \"" + to_text(name) +
                    "\" has an empty name; leave out a part to call it \"default\"");
}

Scope scope_of(const Statement& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3)};
}

}  // namespace

Store::Impl::Impl(const std::string& name, const StoreOptions& options)
    : path(is_server_url(name) ? name : absolute(name)),
      index_path(is_server_url(name) ? std::string() : path + ".faiss"),
      database(path, shown_name(name, options), options.patience_ms, options.key, options.access) {
  database.engine().open_store(options.max_file_bytes);
}

const Database& Store::Impl::serving(ScopeId scope) {
  Engine& engine = database.engine();
  if (!engine.separates_users() || scope == 0) return database;
  if (!users.contains(scope)) {
    Statement row = serving_all().prepare("SELECT \"user\" FROM scopes WHERE id = ?");
    users[scope] = row.bind(scope).step() ? row.text(0) : std::string();
  }
  last_user = users[scope];
  return serving_last();
}

const Database& Store::Impl::serving(const Scope& scope) {
  last_user = scope.user;
  return serving_last();
}

const Database& Store::Impl::serving_last() {
  database.engine().serve(last_user);
  return database;
}

const Database& Store::Impl::serving_all() {
  database.engine().serve({});
  return database;
}

Store::Store(const std::string& path, const StoreOptions& options)
    : impl_(std::make_unique<Impl>(path, options)) {
  // Something was erased, but the cleaning after it was cut short.
  const Engine& engine = impl_->database.engine();
  if (engine.cleans_by_itself() && !engine.is_read_only() && impl_->database.engine().is_unclean())
    clean_or_later();
}

Store::~Store() {
  if (!impl_) return;
  try {
    if (impl_->text_dropped && impl_->database.engine().cleans_by_itself()) clean_or_later();
    if (impl_->index_changes > 0) impl_->save_index();
  } catch (const std::exception&) {
    // The next one to open the store cleans it; the index is a cache.
  }
}

Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

const std::string& Store::path() const {
  return impl_->database.name();
}

ScopeId Store::scope(const Scope& name) {
  if (const auto known = find_scope(name)) return *known;
  check_names(name);
  Transaction transaction(impl_->serving(name), Transaction::Kind::write);
  impl_->serving(name)
      .prepare(
          "INSERT INTO scopes (\"user\", agent, session, run) VALUES (?, ?, ?, ?) "
          "ON CONFLICT DO NOTHING")
      .bind(name.user, name.agent, name.session, name.run)
      .run();
  transaction.commit();
  return find_scope(name).value();
}

std::optional<ScopeId> Store::find_scope(const Scope& name) const {
  const Database& database = impl_->serving(name);
  const std::array key = {name.user, name.agent, name.session, name.run};
  if (const auto known = impl_->scopes.find(key); known != impl_->scopes.end())
    return known->second;
  Statement row = database.prepare(
      "SELECT id FROM scopes WHERE \"user\" = ? AND agent = ? AND session = ? AND run = ?");
  row.bind(name.user, name.agent, name.session, name.run);
  if (!row.step()) return {};
  impl_->users[row.integer(0)] = name.user;
  return impl_->scopes[key] = row.integer(0);
}

std::vector<Scope> Store::scopes() const {
  std::vector<Scope> names;
  Statement row =
      impl_->serving_all().prepare("SELECT \"user\", agent, session, run FROM scopes ORDER BY id");
  while (row.step()) names.push_back(scope_of(row));
  return names;
}

std::optional<std::string> Store::policy(ScopeId scope) const {
  Statement row = impl_->serving(scope).prepare("SELECT json FROM policies WHERE scope = ?");
  if (!row.bind(scope).step()) return {};
  return row.text(0);
}

void Store::set_policy(ScopeId scope, std::string_view json) {
  if (policy(scope) == json) return;
  const Database& database = impl_->serving(scope);
  Transaction transaction(database, Transaction::Kind::write, scope);
  database.prepare(upsert_checked(database, "policies", {"scope"})).bind(scope, json).run();
  transaction.commit();
}

std::string describe_scope(const Database& database, ScopeId scope) {
  Statement row = database.prepare("SELECT \"user\", agent, session, run FROM scopes WHERE id = ?");
  row.bind(scope);
  if (!row.step()) return "number " + std::to_string(scope);
  return to_text(scope_of(row));
}

void Store::change_key(const Key& key) { impl_->database.engine().change_key(key); }

std::vector<HistoryEntry> Store::history(ScopeId scope) const {
  const auto level = [](const Statement& row, int column) -> std::optional<Level> {
    if (row.is_null(column)) return {};
    return level_from_name(row.bytes(column));
  };
  std::vector<HistoryEntry> entries;
  Statement row = impl_->serving(scope).prepare(
      "SELECT time, event, page, from_level, to_level, reason, tokens_saved, accuracy "
      "FROM history WHERE scope = ? ORDER BY id");
  row.bind(scope);
  while (row.step()) {
    entries.push_back({.time = row.integer(0),
                       .event = history_event_from_name(row.bytes(1)),
                       .page = row.integer(2),
                       .from = level(row, 3),
                       .to = level(row, 4),
                       .reason = row.text(5),
                       .tokens_saved = static_cast<int>(row.integer(6))});
    if (!row.is_null(7)) entries.back().accuracy = row.real(7);
  }
  return entries;
}

void write_history(const Database& database, ScopeId scope, const HistoryEntry& entry) {
  const auto name = [](std::optional<Level> level) -> std::optional<std::string_view> {
    if (!level) return {};
    return name_of(*level);
  };
  database.prepare(insert_checked(database, "history"))
      .bind(scope, entry.page, entry.time, name_of(entry.event), name(entry.from), name(entry.to),
            entry.reason, entry.tokens_saved, entry.accuracy)
      .run();
}

Stats Store::stats(ScopeId scope) const {
  const Database& database = impl_->serving(scope);
  Transaction snapshot(database, Transaction::Kind::read);
  Stats stats;
  // Lengths first: grouping by level sorts the rows, and would sort the blobs with them.
  Statement level = database.prepare(
      "WITH page AS MATERIALIZED (SELECT p.level, t.count AS tokens, p.text_tokens, "
      "  length(t.vals) + length(t.scales) AS token_bytes, f.accuracy, length(a.text) AS text, "
      "  length(n.packed) AS anchors, length(c.packed) AS corrections, c.keeps_text, p.bytes "
      "FROM pages p LEFT JOIN tokens t ON t.page = p.id LEFT JOIN archive a ON a.page = p.id "
      "  LEFT JOIN page_fidelity f ON f.page = p.id AND f.level = p.level "
      "  AND f.checkpoint = t.checkpoint LEFT JOIN anchors n ON n.page = p.id "
      "  LEFT JOIN corrections c ON c.page = p.id WHERE p.scope = ?) "
      "SELECT level, count(*), sum(tokens), sum(text_tokens), sum(token_bytes), avg(accuracy), "
      "  sum(text), sum(anchors), sum(corrections), sum(keeps_text), sum(bytes) "
      "FROM page GROUP BY level");
  level.bind(scope).send();
  Statement messages = database.prepare("SELECT count(*) FROM messages WHERE scope = ?");
  messages.bind(scope).send();
  Statement rest = database.prepare("SELECT sum(length(text)) FROM verbatim WHERE scope = ?");
  rest.bind(scope).send();
  const auto count = [](const Statement& row, int column) {
    return static_cast<std::size_t>(row.integer(column));
  };
  while (level.step()) {
    auto& of_level = stats.levels[level_from_name(level.bytes(0))];
    stats.pages += of_level.pages = count(level, 1);
    stats.vision_tokens += of_level.vision_tokens = count(level, 2);
    stats.text_tokens += count(level, 3);
    stats.token_bytes += count(level, 4);
    if (!level.is_null(5)) of_level.fidelity = level.real(5);
    stats.archive_bytes += count(level, 6);
    stats.anchor_bytes += count(level, 7);
    stats.correction_bytes += count(level, 8);
    stats.kept_exact += count(level, 9);
    stats.text_bytes += count(level, 10);
  }
  if (messages.step()) stats.messages = count(messages, 0);
  if (rest.step()) stats.verbatim_bytes = count(rest, 0);
  stats.verbatim_characters = verbatim_characters(scope);
  const VectorStats vectors = vector_stats(scope);
  stats.pieces = vectors.pieces;
  stats.embedded_pieces = vectors.with_vector;
  stats.vector_bytes = vectors.bytes;
  stats.embedder = vectors.embedder;
  stats.file_bytes = database.engine().stored_bytes() + size_of(impl_->index_path);
  return stats;
}

}  // namespace fovea
