#include "memory/piece_index.h"

#include <algorithm>

#include "fovea/error.h"

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
void push_number(std::vector<std::uint32_t>& numbers, std::vector<std::int64_t>& stored,
                 std::int64_t number) {
  const bool same = !stored.empty() && stored.back() == number;
  numbers.push_back(stored.empty() ? 0 : numbers.back() + (same ? 0 : 1));
  stored.push_back(number);
}

void add_row(PieceIndex& index, const Statement& row, const std::string& database_name) {
  const auto small = [&](int column) { return static_cast<std::uint32_t>(row.integer(column)); };
  constexpr std::int64_t kLongest = 1 << 24;  // bytes
  if (row.integer(0) > UINT32_MAX || row.integer(2) < 0 || row.integer(2) > UINT32_MAX ||
      row.integer(3) <= 0 || row.integer(3) > kLongest || row.integer(4) < kWaiting ||
      row.integer(4) > row.integer(3))
    throw Error(ErrorCode::corruption, "store " + database_name + ": piece " + row.text(0) +
                                           " of its messages cannot be; restore a copy");
  const bool is_new = index.message.empty() || index.message.back() != row.integer(1);
  if (is_new) {
    const std::string_view role = row.bytes(9);
    index.voice.push_back(voice_in(index, role, row.is_null(8) ? role : row.bytes(8)));
    ++index.voices[index.voice.back()].messages;
  } else {
    index.voice.push_back(index.voice.back());
  }
  index.is_first.push_back(is_new ? 1 : 0);
  index.place.push_back(small(0));
  index.message.push_back(row.integer(1));
  index.begin.push_back(small(2));
  index.length.push_back(small(3));
  index.words.push_back(static_cast<std::int32_t>(row.integer(4)));
  push_number(index.session, index.stored_session, row.integer(5));
  push_number(index.stretch, index.stored_stretch, row.integer(6));
  index.page.push_back(row.integer(7));
  index.expires.push_back(row.integer(11));
  index.hashed.push_back(row.is_null(12) ? 0 : 1);
  index.has_hashed |= index.hashed.back() != 0;
  if (index.session_time.size() <= index.session.back())
    index.session_time.resize(index.session.back() + 1, 0);
  Time& time = index.session_time[index.session.back()];
  if (time == 0) time = row.integer(10);
}

/// Words that are in no index on disk.
void take_waiting(PieceIndex& index, const Database& database) {
  database.prepare("DELETE FROM waiting_words WHERE rowid BETWEEN ? AND ?")
      .bind(word_row(index.scope, 0), word_row(index.scope + 1, -1))
      .run();
  MessageTexts texts(database);
  Statement add = database.prepare("INSERT INTO waiting_words (rowid, text) VALUES (?, ?)");
  for (std::size_t i = index.size(); i-- > 0 && index.page[i] == 0;) {
    const auto text = texts.text(index.scope, index.range(i));
    index.words[i] = static_cast<std::int32_t>(text ? count_words(*text) : kNoWords);
    if (text) add.bind(word_row(index.scope, index.place[i]), *text).run();
  }
}

void read_rows(PieceIndex& index, const Database& database) {
  Statement row = database.prepare(
      "SELECT p.place, p.message, p.message_begin, p.length, p.words, p.session, p.stretch, "
      "p.page, p.label, m.role, m.time, m.expires, p.hashed FROM pieces p JOIN messages m ON m.id = p.message "
      "WHERE p.scope = ? AND p.place > ? ORDER BY p.place");
  row.bind(index.scope, index.place.empty() ? std::size_t{0} : std::size_t{index.place.back()});
  while (row.step()) add_row(index, row, database.name());
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
  index.stored_session.resize(size);
  index.stored_stretch.resize(size);
  index.voice.resize(size);
  index.is_first.resize(size);
  index.page.resize(size);
  index.expires.resize(size);
  index.message.resize(size);
  index.begin.resize(size);
  index.length.resize(size);
  index.vectors.cut(size);
}

float& at(std::vector<float>& list, std::size_t i) {
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
    at(index.session_words, index.session[i]) += words;
    at(index.stretch_words, index.stretch[i]) += words;
    if (index.page[i] != 0) at(index.page_words, index.page_at[i]) += words;
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

void add_waiting_words(const Database& database) {
  database.execute(
      "CREATE VIRTUAL TABLE temp.waiting_words USING fts5 (text, tokenize = 'porter words')");
}

void refresh(PieceIndex& index, const Database& database, ScopeId scope) {
  Statement state = database.prepare(
      "SELECT piece_changes, "
      "coalesce((SELECT max(place) FROM pieces WHERE scope = s.id), 0), "
      "coalesce((SELECT max(place) FROM pages WHERE scope = s.id), 0) FROM scopes s WHERE id = ?");
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
  read_rows(index, database);
  take_waiting(index, database);
  sum_words(index);
}

}  // namespace fovea
