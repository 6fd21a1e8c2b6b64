#include "memory/postgres_words.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "memory/full_text.h"

namespace fovea {
namespace {

/// A word that stands at a place of a piece.
struct PlacedWord {
  std::string word;
  std::int64_t place;
};

/// The words that a row of the index has, as FTS5 has them: a stem stands twice at a place where an
/// identifier and its part have the same ("ButtonE", "button").
std::vector<PlacedWord> placed_words(const Stems& stems, std::string_view text) {
  std::vector<PlacedWord> words;
  std::int64_t place = -1;
  for (const Stem& stem : stems.of_text(text)) {
    if (!stem.same_place || place < 0) ++place;
    words.push_back({stem.text, place});
  }
  return words;
}

/// By place, how often a stem stands there.
using Places = std::map<std::int64_t, std::int64_t>;

/// Where a stem stands. If several begin so, FTS5 merges their lists, and counts a place once.
Places places_of(std::span<const PlacedWord> words, const std::string& stem, bool begins) {
  Places places;
  std::set<std::string_view> different;
  for (const PlacedWord& word : words) {
    if (begins ? !word.word.starts_with(stem) : word.word != stem) continue;
    ++places[word.place];
    different.insert(word.word);
  }
  if (different.size() > 1) {
    for (auto& [place, times] : places) times = 1;
  }
  return places;
}

/// How often the stems stand one behind the other; the last may be the beginning of a word.
std::int64_t count_phrase(std::span<const PlacedWord> words, std::span<const std::string> stems,
                          bool is_prefix) {
  Places ends;  // where the stems so far end, and how often
  for (std::size_t i = 0; i < stems.size(); ++i) {
    Places next = places_of(words, stems[i], is_prefix && i + 1 == stems.size());
    if (i > 0) {
      for (auto& [place, times] : next) {
        const auto before = ends.find(place - 1);
        times = before == ends.end() ? 0 : std::min(times, before->second);
      }
    }
    ends = std::move(next);
  }
  return std::accumulate(ends.begin(), ends.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& end) { return sum + end.second; });
}

}  // namespace

PostgresWords::PostgresWords(const Database& database)
    : database_(database),
      in_memory_(std::string(Database::kInMemory), "(in memory)", 0),
      in_memory_words_(in_memory_) {
  add_full_text(in_memory_);
  add_waiting_words(in_memory_);
}

std::int64_t PostgresWords::add(std::int64_t row, std::string_view text) {
  std::string words, places;  // parted by spaces, which no stem has
  std::int64_t last = -1;
  for (const PlacedWord& word : placed_words(stems(), text)) {
    last = word.place;
    words.append(words.empty() ? "" : " ").append(word.word);
    places.append(places.empty() ? "" : " ").append(std::to_string(word.place));
  }
  database_
      .prepare(
          "INSERT INTO piece_words (piece, scope, words, places) VALUES (?, ?, "
          "string_to_array(?, ' '), CAST(string_to_array(?, ' ') AS integer[]))")
      .bind(row, row >> 32, words, places)
      .run();
  return last + 1;
}

bool PostgresWords::remove(std::span<const WordRow> rows) {
  Statement remove = database_.prepare("DELETE FROM piece_words WHERE piece = ?");
  for (const WordRow& row : rows) remove.bind(row.row).run();
  return true;
}

void PostgresWords::remove_all() { database_.execute("DELETE FROM piece_words"); }

void PostgresWords::add_waiting(std::int64_t row, std::string_view text) {
  in_memory_words_.add_waiting(row, text);
}

void PostgresWords::remove_waiting(std::int64_t first, std::int64_t last) {
  in_memory_words_.remove_waiting(first, last);
}

/// Single words: the server counts them.
bool PostgresWords::find_words(std::span<const StemPhrase> phrases, std::int64_t first,
                               std::int64_t last, const TakeHit& take) {
  std::string count, condition;
  std::vector<BoundValue> values;
  for (const StemPhrase& phrase : phrases) {
    values.emplace_back(phrase.stems.front());
    const std::string stem = "CAST(?" + std::to_string(values.size()) + " AS text)";
    count += (count.empty() ? "" : " + ") + ("cardinality(array_positions(words, " + stem + "))");
    condition += (condition.empty() ? "" : " OR ") + ("words @> ARRAY[" + stem + "]");
  }
  values.emplace_back(first);
  values.emplace_back(last);
  Statement row = database_.prepare("SELECT piece, " + count + " FROM piece_words WHERE (" +
                                    condition + ") AND piece BETWEEN ? AND ? ORDER BY piece");
  row.bind_list(values);
  while (row.step()) {
    if (!take(row.integer(0), row.integer(1))) return false;
  }
  return true;
}

/// Phrases and beginnings of words: the rows that have the words, counted here.
bool PostgresWords::find_places(std::span<const StemPhrase> phrases, std::int64_t first,
                                std::int64_t last, const TakeHit& take) {
  std::string condition;
  std::vector<BoundValue> values;
  const auto parameter = [&](const std::string& text) {
    values.emplace_back(text);
    return "CAST(?" + std::to_string(values.size()) + " AS text)";
  };
  for (const StemPhrase& phrase : phrases) {
    condition += condition.empty() ? "(TRUE" : " OR (TRUE";
    for (std::size_t i = 0; i < phrase.stems.size(); ++i) {
      const std::string& stem = phrase.stems[i];
      if (!phrase.is_prefix || i + 1 < phrase.stems.size())
        condition += " AND words @> ARRAY[" + parameter(stem) + "]";
      else
        condition += " AND EXISTS (SELECT 1 FROM unnest(words) AS w WHERE starts_with(w, " +
                     parameter(stem) + "))";
    }
    condition += ")";
  }
  values.emplace_back(first);
  values.emplace_back(last);
  Statement row = database_.prepare(
      "SELECT p.piece, u.word, u.place FROM piece_words p, unnest(p.words, p.places) "
      "AS u (word, place) WHERE (" +
      condition +
      ") AND p.piece BETWEEN ? AND ? "
      "ORDER BY p.piece, u.place");
  row.bind_list(values);
  std::int64_t piece = 0;
  std::vector<PlacedWord> words;
  const auto hand_over = [&] {
    std::int64_t times = 0;
    for (const StemPhrase& phrase : phrases)
      times += count_phrase(words, phrase.stems, phrase.is_prefix);
    words.clear();
    return times == 0 || take(piece, times);
  };
  while (row.step()) {
    if (row.integer(0) != piece && !words.empty() && !hand_over()) return false;
    piece = row.integer(0);
    words.push_back({row.text(1), row.integer(2)});
  }
  return words.empty() || hand_over();
}

void PostgresWords::find(std::span<const WordPhrase> phrases, std::int64_t first, std::int64_t last,
                         const TakeHit& take) {
  std::vector<StemPhrase> stemmed;
  for (const WordPhrase& phrase : phrases) {
    StemPhrase made{stems().of_terms(phrase.terms), phrase.is_prefix};
    if (!made.stems.empty()) stemmed.push_back(std::move(made));
  }
  const bool single = std::ranges::all_of(stemmed, [](const StemPhrase& phrase) {
    return phrase.stems.size() == 1 && !phrase.is_prefix;
  });
  bool more = true;
  if (!stemmed.empty())
    more =
        single ? find_words(stemmed, first, last, take) : find_places(stemmed, first, last, take);
  if (more) in_memory_words_.find_waiting(phrases, first, last, take);
}

void PostgresWords::for_each_word(const std::optional<std::unordered_set<std::int64_t>>& rows,
                                  const TakeWord& take) {
  std::string sql =
      "SELECT p.piece, u.word, u.place FROM piece_words p, unnest(p.words, p.places) "
      "AS u (word, place)";
  std::vector<BoundValue> values;
  if (rows) {
    if (rows->empty()) return;
    std::string list;
    for (const std::int64_t row : *rows)
      list.append(list.empty() ? "" : " ").append(std::to_string(row));
    sql += " WHERE p.piece = ANY (CAST(string_to_array(?, ' ') AS bigint[]))";
    values.emplace_back(list);
  }
  Statement word = database_.prepare(sql);
  word.bind_list(values);
  while (word.step()) take(word.integer(0), word.bytes(1), word.integer(2));
}

void PostgresWords::for_each_row(const TakeRow& take) {
  Statement row = database_.prepare("SELECT piece FROM piece_words");
  while (row.step()) take(row.integer(0), {});
}

}  // namespace fovea
