#include "memory/pieces.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "memory/ask_each.h"
#include "memory/checksum.h"
#include "memory/hashed_words.h"
#include "memory/message_texts.h"
#include "memory/piece_writer.h"
#include "memory/store_impl.h"
#include "memory/tombstones.h"
#include "memory/word_index.h"
#include "memory/words.h"

namespace fovea {
namespace {

struct PieceRow {
  std::int64_t place;
  std::int64_t words;
  MessageSpan range;
  std::optional<std::int64_t> hashed = {};  ///< see the table
};

constexpr const char* kPieceColumns = "place, words, message, message_begin, length, hashed";

/// Of a row of `kPieceColumns`.
PieceRow piece_row(const Statement& row) {
  PieceRow piece = {row.integer(0),
                    row.integer(1),
                    {row.integer(2), static_cast<std::size_t>(row.integer(3)),
                     static_cast<std::size_t>(row.integer(4))}};
  if (!row.is_null(5)) piece.hashed = row.integer(5);
  return piece;
}

bool overlap(const MessageSpan& a, const MessageSpan& b) {
  return a.message == b.message && a.begin < end_of(b) && b.begin < end_of(a);
}

/// The pieces with any byte in the ranges, in order, each once.
std::vector<PieceRow> pieces_in(const Database& database, ScopeId scope,
                                std::span<const MessageSpan> ranges) {
  std::vector<PieceRow> rows;
  ask_each(
      database,
      "SELECT " + std::string(kPieceColumns) +
          " FROM pieces WHERE message = ? AND scope = ? "
          "AND message_begin < ? AND message_begin + length > ?",
      ranges,
      [&](Statement& row, const MessageSpan& range) {
        row.bind(range.message, scope, end_of(range), range.begin);
      },
      [&](Statement& row, const MessageSpan&) {
        while (row.step()) rows.push_back(piece_row(row));
      });
  std::ranges::sort(rows, {}, &PieceRow::place);
  const auto repeated = std::ranges::unique(rows, {}, &PieceRow::place);
  rows.erase(repeated.begin(), repeated.end());
  return rows;
}

std::vector<PieceRow> pieces_of(const Database& database, ScopeId scope) {
  std::vector<PieceRow> pieces;
  Statement row =
      database.prepare("SELECT " + std::string(kPieceColumns) + " FROM pieces WHERE scope = ?");
  row.bind(scope);
  while (row.step()) pieces.push_back(piece_row(row));
  return pieces;
}

/// A row leaves the index by its text; one whose text is damaged only with all others.
void rebuild_words(const Database& database) {
  const auto hashed = read_hashed_rows(database);
  WordIndex& words = database.words();
  words.remove_all();
  Statement scope = database.prepare("SELECT id FROM scopes");
  while (scope.step()) index_pieces(database, scope.integer(0));
  Statement there =
      database.prepare("SELECT 1 FROM pieces WHERE scope = ? AND place = ? AND hashed IS NOT NULL");
  for (const auto& [row, text] : hashed) {
    if (there.bind(row >> 32, row & 0xffffffff).step()) words.add(row, text);
  }
}

/// The texts of the hashed ones among the pieces, by their rows of the index.
std::map<std::int64_t, std::string> hashed_rows_of(const Database& database, ScopeId scope,
                                                   std::span<const PieceRow> pieces) {
  std::unordered_set<std::int64_t> rows;
  for (const PieceRow& piece : pieces) {
    if (piece.hashed) rows.insert(word_row(scope, piece.place));
  }
  if (rows.empty()) return {};
  return read_hashed_rows(database, rows);
}

std::size_t forget_words_of(const Database& database, ScopeId scope,
                            std::span<const PieceRow> pieces) {
  MessageTexts texts(database);
  const bool by_text = database.words().removes_by_text();
  const auto hashed =
      by_text ? hashed_rows_of(database, scope, pieces) : std::map<std::int64_t, std::string>();
  const auto text_of = [&](const PieceRow& piece) -> std::optional<std::string> {
    if (!by_text) return {};
    if (!piece.hashed) return texts.text(scope, piece.range);
    const std::string& row = hashed.at(word_row(scope, piece.place));
    if (sum_of_hashes(row) != *piece.hashed) return {};
    return row;
  };
  constexpr std::size_t kRowsAtOnce = 16'384;  // about 1,000 pages
  std::size_t removed = 0;
  bool damaged = false;
  std::vector<WordRow> rows;
  const auto remove_rows = [&] {
    damaged |= !database.words().remove(rows);
    rows.clear();
  };
  Statement note =
      database.prepare(update_checked(database, "pieces", {{"words", "?1"}, {"hashed", "NULL"}}) +
                       " WHERE scope = ?2 AND place = ?3");
  Statement forget_vector = database.prepare("DELETE FROM piece_vectors WHERE piece = ?");
  for (const PieceRow& piece : pieces) {
    if (piece.words == kNoWords) continue;
    forget_vector.bind(word_row(scope, piece.place)).run();
    if (piece.words >= 0) rows.push_back({word_row(scope, piece.place), text_of(piece)});
    if (rows.size() == kRowsAtOnce) remove_rows();
    note.bind(kNoWords, scope, piece.place).run();
    ++removed;
  }
  if (!rows.empty()) remove_rows();
  if (damaged) rebuild_words(database);
  if (removed > 0) note_piece_change(database, scope);
  return removed;
}

/// What is left of a piece beside the ranges: what stands before them, or else behind them.
MessageSpan rest_of(MessageSpan piece, std::span<const MessageSpan> ranges) {
  for (const MessageSpan& range : ranges) {
    if (!overlap(piece, range)) continue;
    const std::size_t end = end_of(piece), gone = end_of(range);
    if (range.begin > piece.begin) {
      piece.length = range.begin - piece.begin;
    } else {
      piece.length = end > gone ? end - gone : 0;
      piece.begin = gone;
    }
  }
  return piece;
}

struct Rest {
  MessageSpan range;
  std::string text;
  bool waits = false;
};

/// By place, of the pieces that are in the index and stand only in part in the ranges.
std::map<std::int64_t, Rest> rests_of(const Database& database, ScopeId scope,
                                      std::span<const PieceRow> pieces,
                                      std::span<const MessageSpan> ranges) {
  MessageTexts texts(database);
  std::map<std::int64_t, Rest> rests;
  for (const PieceRow& piece : pieces) {
    const MessageSpan range = rest_of(piece.range, ranges);
    if (range.length == 0 || piece.words == kNoWords) continue;
    if (auto text = texts.text(scope, range)) rests[piece.place] = {range, std::move(*text), piece.words == kWaiting};
  }
  return rests;
}

}  // namespace

void place_pieces_on_page(const Database& database, ScopeId scope, PageId page) {
  Statement place = database.prepare(update_checked(database, "pieces", {{"page", "?1"}}) +
                                     " WHERE message = ?2 AND scope = ?3 "
                                     "AND message_begin >= ?4 AND message_begin < ?5");
  for (const MessageSpan& range : ranges_of_pages(database, {&page, 1}))
    place.bind(page, range.message, scope, range.begin, range.begin + range.length).run();
}

std::int64_t count_words(std::string_view text) {
  const std::vector<Term> terms = terms_of(text);
  return terms.empty() ? 0 : static_cast<std::int64_t>(terms.back().place) + 1;
}

void index_pieces_of_page(const Database& database, ScopeId scope, PageId page,
                          std::optional<std::string> text) {
  const std::vector<MessageSpan> ranges = ranges_of_pages(database, {&page, 1});
  std::vector<PieceRow> pieces = pieces_in(database, scope, ranges);
  std::erase_if(pieces, [&](const PieceRow& piece) {  // the page before has those
    return std::ranges::none_of(ranges, [&](const MessageSpan& range) {
      return range.message == piece.range.message && range.begin <= piece.range.begin &&
             piece.range.begin < end_of(range);
    });
  });
  MessageTexts texts(database);
  if (text) texts.know(page, std::move(*text));
  std::vector<MessageSpan> waiting;
  for (const PieceRow& piece : pieces) {
    if (piece.words == kWaiting) waiting.push_back(piece.range);
  }
  texts.read_ahead(scope, waiting);
  // All words before any note: FTS5 writes out what it has in memory before a statement that fires
  // triggers, and each time makes a segment of it.
  for (PieceRow& piece : pieces) {
    if (piece.words != kWaiting) continue;
    const auto its_text = texts.text(scope, piece.range);
    piece.words =
        its_text ? database.words().add(word_row(scope, piece.place), *its_text) : kNoWords;
  }
  Statement note =
      database.prepare(update_checked(database, "pieces", {{"page", "?1"}, {"words", "?2"}}) +
                       " WHERE scope = ?3 AND place = ?4");
  for (const PieceRow& piece : pieces) note.bind(page, piece.words, scope, piece.place).run();
}

std::vector<PieceText> text_to_hash(const Database& database, ScopeId scope,
                                    std::span<const MessageSpan> ranges) {
  MessageTexts texts(database);
  std::vector<PieceText> result;
  std::string before;  // of a piece that has no whole one before it
  for (const PieceRow& piece : pieces_in(database, scope, ranges)) {
    if (piece.hashed || piece.words == kNoWords) continue;
    const bool whole = rest_of(piece.range, ranges).length == 0;
    std::string text;
    for (MessageSpan range : ranges) {
      if (!overlap(piece.range, range)) continue;
      const std::size_t end = std::min(end_of(piece.range), end_of(range));
      range.begin = std::max(piece.range.begin, range.begin);
      range.length = end - range.begin;
      text += texts.text(scope, range).value_or("");
    }
    if (whole) {
      result.push_back({piece.place, std::exchange(before, {}) + text});
    } else {
      std::string& to = result.empty() ? before : result.back().text;
      to += (to.empty() ? "" : "\n") + text + "\n";
    }
  }
  return result;
}

void hash_pieces(const Database& database, ScopeId scope, std::span<const PieceText> pieces) {
  if (pieces.empty()) return;
  make_scope_secret(database, scope);
  const HashedWords words(database, scope);
  const Stems& stems = database.words().stems();
  // What a neighbour left here may have more words than the piece has bytes.
  Statement note =
      database.prepare(update_checked(database, "pieces",
                                      {{"words", "CASE WHEN ?1 < length THEN ?1 ELSE length END"},
                                       {"hashed", "?2"}}) +
                       " WHERE scope = ?3 AND place = ?4");
  std::vector<std::int64_t> sums;  // all words first: see index_pieces_of_page
  for (const PieceText& piece : pieces) {
    const std::string row = words.row(stems.of_text(piece.text));
    database.words().add(word_row(scope, piece.place), row);
    sums.push_back(sum_of_hashes(row));
  }
  for (std::size_t i = 0; i < pieces.size(); ++i)
    note.bind(count_words(pieces[i].text), sums[i], scope, pieces[i].place).run();
  note_piece_change(database, scope);
}

std::vector<MessageSpan> ranges_of_pages(const Database& database, std::span<const PageId> pages) {
  std::vector<MessageSpan> ranges;
  ask_each(
      database,
      "SELECT message, message_begin, length FROM page_spans WHERE page = ? ORDER BY page_begin",
      pages, [](Statement& row, PageId page) { row.bind(page); },
      [&](Statement& row, PageId) {
        while (row.step())
          ranges.push_back({row.integer(0), static_cast<std::size_t>(row.integer(1)),
                            static_cast<std::size_t>(row.integer(2))});
      });
  return ranges;
}

std::size_t remove_pieces(const Database& database, ScopeId scope,
                          std::span<const MessageSpan> ranges, bool rows) {
  const std::vector<PieceRow> pieces = pieces_in(database, scope, ranges);
  if (pieces.empty()) return 0;
  const auto rests = rests_of(database, scope, pieces, ranges);
  forget_words_of(database, scope, pieces);
  if (rows) {
    Statement remove = database.prepare("DELETE FROM pieces WHERE scope = ? AND place = ?");
    for (const PieceRow& piece : pieces) {
      if (!rests.contains(piece.place)) remove.bind(scope, piece.place).run();
    }
  }
  Statement shorten = database.prepare(
      update_checked(database, "pieces",
                     {{"message_begin", "?1"},
                      {"length", "?2"},
                      {"words", "?3"},
                      {"page",
                       "coalesce((SELECT s.page FROM page_spans s "
                       "WHERE s.message = pieces.message AND s.message_begin <= ?1 "
                       "AND s.message_begin + s.length > ?1), 0)"}}) +
      " WHERE scope = ?4 AND place = ?5");
  for (const auto& [place, rest] : rests) {
    const std::int64_t words =
        rest.waits ? kWaiting : database.words().add(word_row(scope, place), rest.text);
    shorten.bind(rest.range.begin, rest.range.length, words, scope, place).run();
  }
  note_piece_change(database, scope);
  return pieces.size();
}

std::size_t remove_all_pieces(const Database& database, ScopeId scope) {
  Statement others =
      database.prepare("SELECT 1 FROM pieces WHERE scope < ?1 OR scope > ?1 LIMIT 1");
  if (others.bind(scope).step()) {
    forget_words_of(database, scope, pieces_of(database, scope));
  } else {
    database.words().remove_all();
    database.prepare("DELETE FROM piece_vectors WHERE piece BETWEEN ? AND ?")
        .bind(word_row(scope, 0), word_row(scope + 1, -1))
        .run();
  }
  others.reset();
  database.prepare("DELETE FROM pieces WHERE scope = ?").bind(scope).run();
  const std::size_t removed = database.changes();
  note_piece_change(database, scope);
  return removed;
}

void note_piece_change(const Database& database, ScopeId scope) {
  database.prepare("UPDATE scopes SET piece_changes = piece_changes + 1 WHERE id = ?")
      .bind(scope)
      .run();
}

void index_pieces(const Database& database, ScopeId scope) {
  MessageTexts texts(database);
  Statement note = database.prepare(update_checked(database, "pieces", {{"words", "?1"}}) +
                                    " WHERE scope = ?2 AND place = ?3");
  Statement row = database.prepare(
      "SELECT place, words, message, message_begin, length FROM pieces WHERE scope = ? "
      "AND hashed IS NULL ORDER BY place");
  row.bind(scope);
  while (row.step()) {
    if (row.integer(1) < 0) continue;
    const std::int64_t place = row.integer(0);
    const auto text = texts.text(scope, {row.integer(2), static_cast<std::size_t>(row.integer(3)),
                                         static_cast<std::size_t>(row.integer(4))});
    const std::int64_t words =
        text ? database.words().add(word_row(scope, place), *text) : kNoWords;
    if (words != row.integer(1)) note.bind(words, scope, place).run();
  }
  note_piece_change(database, scope);
}

namespace {

/// Cuts one message as far as its text is kept: whole, or page by page.
void cut_older_message(const Database& database, ScopeId scope, const MessageSpan& message,
                       std::string_view role, Time time) {
  MessageTexts texts(database);
  PieceWriter writer(database, scope);
  if (const auto text = texts.text(scope, message))
    return writer.add(message.message, role, *text, time);
  Statement part = database.prepare(
      "SELECT message_begin, length FROM page_spans WHERE message = ?1 UNION ALL "
      "SELECT message_begin, length(text) FROM verbatim WHERE scope = ?2 AND message = ?1 "
      "ORDER BY 1");
  part.bind(message.message, scope);
  while (part.step()) {
    const MessageSpan range{message.message, static_cast<std::size_t>(part.integer(0)),
                             static_cast<std::size_t>(part.integer(1))};
    if (const auto text = texts.text(scope, range))
      writer.add_part(message.message, role, range.begin, *text, time);
    else
      writer.add_unknown(range, time);
  }
}

/// Where the pieces of these messages begin.
void place_pieces(const Database& database, std::int64_t first, std::int64_t last) {
  database
      .prepare(update_checked(database, "pieces",
                              {{"page",
                                "coalesce((SELECT s.page FROM page_spans s "
                                "WHERE s.message = pieces.message "
                                "AND s.message_begin <= pieces.message_begin "
                                "AND s.message_begin + s.length > pieces.message_begin), 0)"}}) +
               " WHERE message BETWEEN ?1 AND ?2")
      .bind(first, last)
      .run();
}

void index_placed_pieces(const Database& database, std::int64_t first, std::int64_t last) {
  Statement row = database.prepare(
      "SELECT DISTINCT scope, page FROM pieces WHERE message BETWEEN ? AND ? AND page <> 0 "
      "AND words = ?");
  row.bind(first, last, kWaiting);
  std::vector<std::pair<ScopeId, PageId>> pages;
  while (row.step()) pages.emplace_back(row.integer(0), row.integer(1));
  for (const auto& [scope, page] : pages) index_pieces_of_page(database, scope, page);
}

void note_uncut(const Database& database, std::int64_t after) {
  Statement next = database.prepare("SELECT min(id) FROM messages WHERE id > ?");
  next.bind(after).step();
  const auto uncut = next.is_null(0) ? std::optional<std::int64_t>() : next.integer(0);
  next.reset();
  database.prepare(update_checked(database, "store", {{"uncut_message", "?1"}})).bind(uncut).run();
}

}  // namespace

void cut_older_messages(const Database& database) {
  constexpr int kBatch = 500;
  constexpr const char* kFirst = "SELECT coalesce(uncut_message, 0) FROM store";
  while (database.integer(kFirst) != 0) {
    Transaction transaction(database, Transaction::Kind::write);
    const std::int64_t first = database.integer(kFirst);
    if (first == 0) return;  // another process was faster
    std::int64_t last = first;
    Statement row = database.prepare(
        "SELECT id, scope, role, bytes, time FROM messages WHERE id >= ? ORDER BY id LIMIT ?");
    row.bind(first, kBatch);
    while (row.step()) {
      last = row.integer(0);
      cut_older_message(database, row.integer(1),
                        {last, 0, static_cast<std::size_t>(row.integer(3))}, row.text(2),
                        row.integer(4));
    }
    row.reset();
    place_pieces(database, first, last);
    index_placed_pieces(database, first, last);
    note_uncut(database, last);
    transaction.commit();
  }
}

}  // namespace fovea
