#include "memory/piece_index.h"

#include <algorithm>
#include <utility>

#include "fovea/error.h"
#include "memory/message_texts.h"
#include "memory/word_index.h"

namespace fovea {
namespace {

std::uint32_t voice_in(PieceIndex& index, std::string_view role, std::string_view label) {
  const auto is_it = [&](const Voice& voice) { return voice.role == role && voice.label == label; };
  auto found = std::ranges::find_if(index.voices, is_it);
  if (found == index.voices.end()) {
    index.voices.push_back(voice_of(role, label));
    found = index.voices.end() - 1;
  }
  return static_cast<std::uint32_t>(found - index.voices.begin());
}

/// The next number where the store has another one than before.
void push_number(LargeList<std::uint32_t>& numbers, std::vector<std::int64_t>& stored,
                 std::int64_t number) {
  if (stored.empty() || stored.back() != number) stored.push_back(number);
  numbers.push_back(static_cast<std::uint32_t>(stored.size() - 1));
}

/// Forgets the numbers that are not there any more.
void cut_numbers(const LargeList<std::uint32_t>& numbers, std::vector<std::int64_t>& stored) {
  stored.resize(numbers.empty() ? 0 : numbers.back() + 1);
}

void add_piece(PieceIndex& index, const PieceFacts& piece) {
  const auto small = [](std::int64_t number) { return static_cast<std::uint32_t>(number); };
  const bool is_new = index.message.empty() || index.message.back() != piece.message;
  if (is_new) {
    index.voice.push_back(voice_in(index, piece.role, piece.label.value_or(piece.role)));
    ++index.voices[index.voice.back()].messages;
  } else {
    index.voice.push_back(index.voice.back());
  }
  index.is_first.push_back(is_new ? 1 : 0);
  index.place.push_back(small(piece.place));
  index.message.push_back(piece.message);
  index.begin.push_back(small(piece.begin));
  index.length.push_back(small(piece.length));
  index.words.push_back(static_cast<std::int32_t>(piece.words));
  push_number(index.session, index.stored_sessions, piece.session);
  push_number(index.stretch, index.stored_stretches, piece.stretch);
  index.page.push_back(piece.page);
  index.expires.push_back(piece.expires);
  index.hashed.push_back(piece.is_hashed ? 1 : 0);
  index.has_hashed |= piece.is_hashed;
  if (index.session_time.size() <= index.session.back())
    index.session_time.resize(index.session.back() + 1, 0);
  Time& time = index.session_time[index.session.back()];
  if (time == 0) time = piece.time;
}

/// Words that are in no index on disk.
void take_waiting(PieceIndex& index, const Database& database) {
  WordIndex& words = database.words();
  words.remove_waiting(word_row(index.scope, 0), word_row(index.scope + 1, -1));
  std::vector<MessageSpan> waiting;
  for (std::size_t i = index.size(); i-- > 0 && index.page[i] == 0;)
    waiting.push_back(index.range(i));
  MessageTexts texts(database);
  texts.read_ahead(index.scope, waiting);
  for (std::size_t i = index.size(); i-- > 0 && index.page[i] == 0;) {
    const auto text = texts.text(index.scope, index.range(i));
    index.words[i] = static_cast<std::int32_t>(text ? count_words(*text) : kNoWords);
    if (text) words.add_waiting(word_row(index.scope, index.place[i]), *text);
  }
}

bool can_be(const PieceFacts& piece) {
  constexpr std::int64_t kLongest = 1 << 24;  // bytes
  return piece.place > 0 && piece.place <= UINT32_MAX && piece.begin >= 0 && piece.begin <= UINT32_MAX &&
         piece.length > 0 && piece.length <= kLongest && piece.words >= kWaiting &&
         piece.words <= piece.length;
}

PieceFacts facts_of(const Statement& row) {
  PieceFacts piece{.place = row.integer(0),
                   .message = row.integer(1),
                   .begin = row.integer(2),
                   .length = row.integer(3),
                   .words = row.integer(4),
                   .session = row.integer(5),
                   .stretch = row.integer(6),
                   .page = row.integer(7),
                   .is_hashed = !row.is_null(12),
                   .label = {},
                   .role = row.bytes(9),
                   .time = row.integer(10),
                   .expires = row.integer(11)};
  if (!row.is_null(8)) piece.label = row.bytes(8);
  return piece;
}

/// The pieces behind place `after`, to `last`. Returns them as a block; empty when they may still
/// change, since one waits for its page.
std::string read_rows(PieceIndex& index, const Database& database, std::int64_t after,
                      std::int64_t last) {
  Statement row = database.prepare(
      "SELECT p.place, p.message, p.message_begin, p.length, p.words, p.session, p.stretch, "
      "p.page, p.label, m.role, m.time, m.expires, p.hashed FROM pieces p JOIN messages m ON m.id = p.message "
      "WHERE p.scope = ? AND p.place > ? AND p.place <= ? ORDER BY p.place");
  row.bind(index.scope, after, last);
  PieceBlockWriter block;
  bool waits = false;
  while (row.step()) {
    const PieceFacts piece = facts_of(row);
    if (!can_be(piece))
      throw Error(ErrorCode::corruption, "store " + database.name() + ": piece " + row.text(0) +
                                             " of its messages cannot be; restore a copy");
    add_piece(index, piece);
    waits = waits || piece.page == 0 || piece.words == kWaiting;
    if (!waits) block.add(piece);
  }
  return waits ? std::string() : block.take();
}

/// The pieces of a saved block, which are behind all others. False, and nothing is read, where there is
/// none that can be.
bool read_block(PieceIndex& index, const Database& database, std::int64_t number) {
  const auto bytes = find_piece_block(database, index.scope, number);
  if (!bytes) return false;
  const std::int64_t after = number * kPiecesPerBlock;
  std::int64_t last = after;
  bool sound = true;
  const auto check = [&](const PieceFacts& piece) {
    sound = sound && can_be(piece) && piece.place > last && piece.place <= after + kPiecesPerBlock;
    last = piece.place;
  };
  if (!read_piece_block(*bytes, check) || !sound) return false;
  return read_piece_block(*bytes, [&](const PieceFacts& piece) { add_piece(index, piece); });
}

/// The pieces behind place `after`: block by block where these are saved, otherwise one by one.
void read_pieces(PieceIndex& index, const Database& database, std::int64_t after, std::int64_t last) {
  while (after < last) {
    const std::int64_t number = after / kPiecesPerBlock, end = (number + 1) * kPiecesPerBlock;
    const bool whole = after == number * kPiecesPerBlock && end < last;
    if (!whole || !read_block(index, database, number)) {
      std::string bytes = read_rows(index, database, after, end);
      if (whole && !bytes.empty()) index.unsaved.push_back({number, std::move(bytes)});
    }
    after = end;
  }
}

/// Forgets the pieces from `size` on.
void cut(PieceIndex& index, std::size_t size) {
  for (std::size_t i = size; i < index.size(); ++i) {
    if (index.is_first[i] != 0) --index.voices[index.voice[i]].messages;
  }
  index.place.resize(size);
  index.words.resize(size);
  index.hashed.resize(size);
  index.session.resize(size);
  index.stretch.resize(size);
  cut_numbers(index.session, index.stored_sessions);
  cut_numbers(index.stretch, index.stored_stretches);
  index.voice.resize(size);
  index.is_first.resize(size);
  index.page.resize(size);
  index.expires.resize(size);
  index.message.resize(size);
  index.begin.resize(size);
  index.length.resize(size);
  index.vectors.cut(size);
}

void reserve(PieceIndex& index, std::size_t size) {
  constexpr std::size_t kMost = 1 << 24;  // places may be damaged
  size = std::min(size, kMost);
  index.place.reserve(size);
  index.words.reserve(size);
  index.hashed.reserve(size);
  index.session.reserve(size);
  index.stretch.reserve(size);
  index.voice.reserve(size);
  index.is_first.reserve(size);
  index.page.reserve(size);
  index.expires.reserve(size);
  index.message.reserve(size);
  index.begin.reserve(size);
  index.length.reserve(size);
}

float& grown_at(std::vector<float>& list, std::size_t i) {
  if (list.size() <= i) list.resize(i + 1, 0);
  return list[i];
}

void note_run(PieceIndex& index, std::uint32_t i) {
  const std::uint32_t stretch = index.stretch[i], session = index.session[i];
  if (index.runs.empty() || index.runs.back().stretch != stretch || index.runs.back().session != session)
    index.runs.push_back({i, stretch, session});
  if (index.stretch_sessions.size() <= stretch)
    index.stretch_sessions.resize(stretch + 1, {session, session});
  index.stretch_sessions[stretch].second = session;
}

void note_page(PieceIndex& index, std::uint32_t i) {
  if (index.page[i] == 0) return index.unpaged.push_back(i);
  if (index.pages.empty() || index.pages.back() != index.page[i]) {
    index.pages.push_back(index.page[i]);
    index.page_begin.push_back(i);
  }
  index.page_at[i] = static_cast<std::uint32_t>(index.pages.size() - 1);
}

std::size_t count_positive(const std::vector<float>& list) {
  return static_cast<std::size_t>(std::ranges::count_if(list, [](float v) { return v > 0; }));
}

void sum_words(PieceIndex& index) {
  index.any_expires = std::ranges::any_of(index.expires, [](Time time) { return time != 0; });
  index.any_without_words = std::ranges::any_of(index.words, [](std::int32_t words) { return words < 0; });
  index.no_place_missing = !index.place.empty() && index.place.back() - index.place.front() + 1 == index.size();
  index.messages = static_cast<std::size_t>(std::ranges::count(index.is_first, 1));
  index.all_words = 0;
  index.with_words = 0;
  for (auto* list : {&index.session_words, &index.stretch_words, &index.page_words}) list->clear();
  for (auto* list : {&index.page_begin, &index.unpaged}) list->clear();
  index.pages.clear();
  index.page_at.assign(index.size(), PieceIndex::kNoPage);
  index.stretch_sessions.clear();
  index.runs.clear();
  for (std::uint32_t i = 0; i < index.size(); ++i) {
    note_run(index, i);
    note_page(index, i);
    if (index.words[i] < 0) continue;
    const auto words = static_cast<float>(index.words[i]);
    ++index.with_words;
    index.all_words += static_cast<double>(words);
    grown_at(index.session_words, index.session[i]) += words;
    grown_at(index.stretch_words, index.stretch[i]) += words;
    if (index.page[i] != 0) grown_at(index.page_words, index.page_at[i]) += words;
  }
  index.page_words.resize(index.pages.size(), 0);
  index.stretches_with_words = count_positive(index.stretch_words);
  index.sessions_with_words = count_positive(index.session_words);
}

}  // namespace

bool PieceIndex::is_speaker(const Voice& voice) const {
  constexpr std::size_t kFew = 3, kTenth = 10;
  if (voice.speaker.empty() || !voice.spoken) return !voice.speaker.empty();
  std::size_t all = 0, theirs = 0;
  for (const Voice& other : voices) {
    all += other.messages;
    if (other.speaker == voice.speaker) theirs += other.messages;
  }
  return theirs >= kFew && theirs * kTenth >= all;
}

namespace {

/// Pages that no words lead to. A page may stand in the index in two parts, and one on which no piece
/// begins does not.
bool has_page_without_words(const PieceIndex& index, const Database& database) {
  std::vector<PageId> pages;
  for (std::size_t i = 0; i < index.pages.size(); ++i) {
    if (index.page_words[i] > 0) pages.push_back(index.pages[i]);
  }
  std::ranges::sort(pages);
  const auto with_words = std::ranges::unique(pages).begin() - pages.begin();
  Statement all = database.prepare("SELECT count(*) FROM pages WHERE scope = ?");
  return all.bind(index.scope).step() && all.integer(0) > with_words;
}

}  // namespace

void save_blocks(PieceIndex& index, const Database& database) {
  const auto blocks = std::exchange(index.unsaved, {});
  Transaction transaction(database, Transaction::Kind::write, index.scope);
  Statement state = database.prepare("SELECT piece_changes FROM scopes WHERE id = ?");
  if (!state.bind(index.scope).step() || state.integer(0) != index.changes) return;
  for (const PieceIndex::Block& block : blocks)
    save_piece_block(database, index.scope, block.number, block.bytes);
  state.reset();
  transaction.commit();
}

void refresh(PieceIndex& index, const Database& database, ScopeId scope) {
  Statement state = database.prepare(
      "SELECT piece_changes, "
      "coalesce((SELECT place FROM pieces WHERE scope = s.id ORDER BY place DESC LIMIT 1), 0), "
      "coalesce((SELECT place FROM pages WHERE scope = s.id ORDER BY place DESC LIMIT 1), 0) "
      "FROM scopes s WHERE id = ?");
  if (!state.bind(scope).step()) {
    index = {};
    return;
  }
  const std::int64_t changes = state.integer(0), last = state.integer(1), page = state.integer(2);
  if (index.scope != scope || index.changes != changes) {
    index = {};
    index.scope = scope;
    index.changes = changes;
  }
  const std::int64_t known = index.place.empty() ? 0 : index.place.back();
  if (known == last && index.last_page == page) return;
  if (index.last_page != page) {
    const auto unpaged = std::ranges::find(index.page, PageId{0});
    cut(index, static_cast<std::size_t>(unpaged - index.page.begin()));
  }
  index.last_page = page;
  if (index.place.empty()) reserve(index, static_cast<std::size_t>(last));
  read_pieces(index, database, index.place.empty() ? 0 : index.place.back(), last);
  take_waiting(index, database);
  sum_words(index);
  index.any_page_without_words = has_page_without_words(index, database);
}

}  // namespace fovea
