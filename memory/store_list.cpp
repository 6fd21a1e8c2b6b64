#include <algorithm>

#include "memory/ask_each.h"
#include "memory/checksum.h"
#include "memory/message_texts.h"
#include "memory/page_filter.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

Scope scope_at(const Statement& row, int column) {
  return {row.text(column), row.text(column + 1), row.text(column + 2), row.text(column + 3)};
}

std::size_t size_at(const Statement& row, int column) {
  return static_cast<std::size_t>(row.integer(column));
}

/// Lets through only what meets `condition` too, in which ? is the page; 0: no page.
void narrow(PageFilter& filter, const std::string& condition, PageId page) {
  if (page == 0) return;
  filter.sql += " AND " + condition;
  filter.values.emplace_back(page);
}

/// The newest `limit` rows that a filter lets through, oldest first. `columns`: SQL up to " WHERE ".
Statement newest(const Database& database, const std::string& columns, const std::string& id,
                 PageFilter filter, std::size_t limit) {
  filter.values.emplace_back(static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
  Statement row = database.prepare("SELECT * FROM (" + columns + " WHERE " + filter.sql +
                                   " ORDER BY " + id + " DESC LIMIT ?) AS newest ORDER BY 1");
  row.bind_list(filter.values);
  return row;
}

PageInfo page_info_of(const Statement& row) {
  const bool is_document = row.integer(7) != 0;
  PageInfo page{.id = row.integer(0),
                .scope = scope_at(row, 1),
                .level = level_from_name(row.bytes(5)),
                .layout = is_document ? Layout::document : Layout::cells,
                .density = density_from_columns(static_cast<int>(row.integer(6))),
                .time = row.integer(8),
                .last_recalled = row.integer(9),
                .expires = row.integer(10),
                .pinned = row.integer(11) != 0,
                .has_archive = row.integer(12) != 0,
                .keeps_text = row.integer(13) != 0,
                .characters = size_at(row, 14),
                .text_bytes = size_at(row, 15),
                .text_tokens = size_at(row, 16),
                .vision_tokens = size_at(row, 17),
                .token_bytes = size_at(row, 18)};
  if (row.is_null(19)) return page;
  page.fidelity = row.real(19);
  page.fidelity_error = row.real(20);
  return page;
}

/// What the messages on the page say of it.
void read_messages(Statement& row, PageInfo& page) {
  while (row.step()) {
    ++page.messages;
    const Time time = row.integer(0);
    if (time != 0 && (page.first_time == 0 || time < page.first_time)) page.first_time = time;
    if (row.is_null(1)) continue;
    const auto source = row.bytes(1);
    if (std::ranges::find(page.sources, source) == page.sources.end())
      page.sources.emplace_back(source);
  }
  if (page.first_time == 0) page.first_time = page.time;
}

}  // namespace

std::vector<PageInfo> Store::list_pages(const Scope& scope, std::span<const Condition> where,
                                        std::size_t limit, PageId page) const {
  const Database& database = impl_->serving(scope);
  PageFilter filter = page_filter(scope, where);
  narrow(filter, "p.id = ?", page);
  const Transaction snapshot(database, Transaction::Kind::read);
  Statement row = newest(
      database,
      "SELECT p.id, o.user, o.agent, o.session, o.run, p.level, p.density, p.legible_at IS NOT NULL, "
      "p.time, p.last_recalled, p.expires, p.pinned, a.page IS NOT NULL, coalesce(c.keeps_text, 0), "
      "p.characters, p.bytes, p.text_tokens, coalesce(t.count, 0), "
      "coalesce(length(t.vals) + length(t.scales), 0), f.accuracy, f.error "
      "FROM pages p JOIN scopes o ON o.id = p.scope LEFT JOIN tokens t ON t.page = p.id "
      "LEFT JOIN archive a ON a.page = p.id LEFT JOIN corrections c ON c.page = p.id "
      "LEFT JOIN page_fidelity f ON f.page = p.id AND f.level = p.level "
      "AND f.checkpoint = t.checkpoint",
      "p.id", filter, limit);
  std::vector<PageInfo> pages;
  while (row.step()) pages.push_back(page_info_of(row));
  ask_each(
      database,
      "SELECT m.time, m.source_id FROM messages m WHERE m.id IN "
      "(SELECT message FROM page_spans WHERE page = ?) ORDER BY m.id",
      std::span(pages), [](Statement& row, const PageInfo& listed) { row.bind(listed.id); },
      read_messages);
  return pages;
}

std::vector<MessageInfo> Store::list_messages(const Scope& scope, std::span<const Condition> where,
                                              std::size_t limit, PageId page) const {
  const Database& database = impl_->serving(scope);
  PageFilter filter = listed_messages(scope, where);
  narrow(filter, "m.id IN (SELECT message FROM page_spans WHERE page = ?)", page);
  const Transaction snapshot(database, Transaction::Kind::read);
  Statement row = newest(database,
                         "SELECT m.id, o.user, o.agent, o.session, o.run, m.role, m.time, m.expires, "
                         "coalesce(m.source_id, ''), m.bytes "
                         "FROM messages m JOIN scopes o ON o.id = m.scope",
                         "m.id", filter, limit);
  std::vector<MessageInfo> messages;
  while (row.step())
    messages.push_back({.id = row.integer(0),
                        .scope = scope_at(row, 1),
                        .role = row.text(5),
                        .time = row.integer(6),
                        .expires = row.integer(7),
                        .source_id = row.text(8),
                        .bytes = size_at(row, 9)});
  ask_each(
      database,
      "SELECT p.id, p.level FROM page_spans s JOIN pages p ON p.id = s.page WHERE s.message = ? "
      "GROUP BY p.id ORDER BY min(s.message_begin)",
      std::span(messages), [](Statement& row, const MessageInfo& message) { row.bind(message.id); },
      [](Statement& row, MessageInfo& message) {
        while (row.step()) {
          if (!message.level) message.level = level_from_name(row.bytes(1));
          message.pages.push_back(row.integer(0));
        }
      });
  return messages;
}

std::optional<std::string> Store::message_text(const Scope& scope, std::int64_t message) const {
  const auto own = find_scope(scope);
  if (!own) return {};
  const Transaction snapshot(impl_->serving(scope), Transaction::Kind::read);
  Statement row =
      impl_->serving(scope).prepare("SELECT bytes FROM messages WHERE id = ? AND scope = ?");
  if (!row.bind(message, *own).step()) return {};
  return MessageTexts(impl_->serving(scope)).text(*own, {message, 0, size_at(row, 0)});
}

std::vector<ScopeInfo> Store::list_scopes(const std::optional<std::string>& user) const {
  const Database& database = user ? impl_->serving(Scope{*user}) : impl_->serving_all();
  const Transaction snapshot(database, Transaction::Kind::read);
  Statement row = database.prepare(
      "SELECT s.user, s.agent, s.session, s.run, coalesce(p.pages, 0), coalesce(m.messages, 0), "
      "coalesce(p.text_tokens, 0), coalesce(p.vision_tokens, 0), coalesce(v.bytes, 0), "
      "coalesce(m.first, p.first, 0), CASE WHEN coalesce(m.last, 0) > coalesce(p.last, 0) "
      "THEN m.last ELSE coalesce(p.last, 0) END FROM scopes s "
      "LEFT JOIN (SELECT p.scope, count(*) AS pages, sum(p.text_tokens) AS text_tokens, "
      "  sum(t.count) AS vision_tokens, min(nullif(p.time, 0)) AS first, max(p.time) AS last "
      "  FROM pages p LEFT JOIN tokens t ON t.page = p.id GROUP BY p.scope) p ON p.scope = s.id "
      "LEFT JOIN (SELECT scope, count(*) AS messages, min(nullif(time, 0)) AS first, "
      "  max(time) AS last FROM messages GROUP BY scope) m ON m.scope = s.id "
      "LEFT JOIN (SELECT scope, sum(length(text)) AS bytes FROM verbatim GROUP BY scope) v "
      "  ON v.scope = s.id "
      "WHERE CAST(?1 AS TEXT) IS NULL OR s.user = ?1 ORDER BY s.user, s.agent, s.session, s.run");
  row.bind(user);
  std::vector<ScopeInfo> scopes;
  while (row.step())
    scopes.push_back({.scope = scope_at(row, 0),
                      .pages = size_at(row, 4),
                      .messages = size_at(row, 5),
                      .text_tokens = size_at(row, 6),
                      .vision_tokens = size_at(row, 7),
                      .verbatim_bytes = size_at(row, 8),
                      .first_time = row.integer(9),
                      .time = row.integer(10)});
  return scopes;
}

}  // namespace fovea
