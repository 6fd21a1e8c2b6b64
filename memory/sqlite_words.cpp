#include "memory/sqlite_words.h"

#include <algorithm>

#include "fovea/error.h"
#include "memory/checksum.h"
#include "memory/varint.h"
#include "memory/word_segments.h"

namespace fovea {
namespace {

/// As FTS5 writes it.
std::string expression_of(std::span<const WordPhrase> phrases) {
  std::string expression;
  for (const WordPhrase& phrase : phrases) {
    if (!expression.empty()) expression += " OR ";
    expression += '"' + phrase.terms + (phrase.is_prefix ? "\" *" : "\"");
  }
  return expression;
}

/// The words of the index through `temp.instances` (doc, term, offset), for as long as it lasts.
class WordInstances {
 public:
  explicit WordInstances(const Database& database) : database_(database) {
    database.execute(
        "CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, piece_words, instance)");
  }
  ~WordInstances() {
    try {
      database_.execute("DROP TABLE temp.instances");
    } catch (const std::exception&) {  // of a damaged file: it goes with the connection
    }
  }
  WordInstances(const WordInstances&) = delete;
  WordInstances& operator=(const WordInstances&) = delete;

 private:
  const Database& database_;
};

}  // namespace

const Stems& SqliteWords::stems() {
  if (!stems_) stems_.emplace(database_);
  return *stems_;
}

std::int64_t SqliteWords::add(std::int64_t row, std::string_view text) {
  database_.prepare("INSERT INTO piece_words (rowid, text) VALUES (?, ?)").bind(row, text).run();
  Statement size = database_.prepare("SELECT sz FROM piece_words_docsize WHERE id = ?");
  if (!size.bind(row).step()) return 0;
  std::string_view bytes = size.bytes(0);
  return static_cast<std::int64_t>(take_varint(bytes));
}

// Where the index is not as expected, FTS5 takes the rows out its own way, and the store is to be
// rewritten (see SqliteEngine::clean).
bool SqliteWords::remove(std::span<const WordRow> rows) {
  if (!std::ranges::all_of(rows, [](const WordRow& row) { return row.text.has_value(); }))
    return false;
  if (remove_in_place(rows)) return true;
  Statement remove = database_.prepare(
      "INSERT INTO piece_words (piece_words, rowid, text) VALUES ('delete', ?, ?)");
  for (const WordRow& row : rows) remove.bind(row.row, *row.text).run();
  database_.execute(update_checked(database_, "store", {{"holds_copies", "1"}}));
  return true;
}

bool SqliteWords::remove_in_place(std::span<const WordRow> rows) {
  RowsOfTerms rows_of_terms;
  for (const WordRow& row : rows) {
    for (const Stem& stem : stems().of_text(*row.text)) rows_of_terms[stem.text].push_back(row.row);
  }
  for (auto& [term, its_rows] : rows_of_terms) {
    std::ranges::sort(its_rows);
    const auto repeated = std::ranges::unique(its_rows);
    its_rows.erase(repeated.begin(), repeated.end());
  }
  database_.execute("SAVEPOINT words; RELEASE words");  // FTS5 writes what it has in memory
  const bool everywhere = database_.integer("SELECT holds_copies FROM store") != 0;
  if (!WordSegments(database_).remove(rows_of_terms, everywhere)) return false;
  forget_sizes(rows);
  return true;
}

/// The rows' counts of words, and what they are of the totals.
void SqliteWords::forget_sizes(std::span<const WordRow> rows) {
  Statement totals = database_.prepare("SELECT block FROM piece_words_data WHERE id = 1");
  if (!totals.step()) return;
  std::string_view bytes = totals.bytes(0);
  std::uint64_t count = take_varint(bytes), words = take_varint(bytes);
  totals.reset();
  Statement size = database_.prepare("SELECT sz FROM piece_words_docsize WHERE id = ?");
  Statement remove = database_.prepare("DELETE FROM piece_words_docsize WHERE id = ?");
  for (const WordRow& row : rows) {
    size.bind(row.row);
    if (!size.step()) continue;
    std::string_view of_row = size.bytes(0);
    words -= take_varint(of_row);
    --count;
    size.reset();
    remove.bind(row.row).run();
  }
  std::string left;
  append_varint(left, count);
  append_varint(left, words);
  database_.prepare("UPDATE piece_words_data SET block = ? WHERE id = 1")
      .bind(Blob(std::string_view(left)))
      .run();
}

void SqliteWords::remove_all() {
  database_.execute("INSERT INTO piece_words (piece_words) VALUES ('delete-all')");
}

void SqliteWords::add_waiting(std::int64_t row, std::string_view text) {
  database_.prepare("INSERT INTO waiting_words (rowid, text) VALUES (?, ?)").bind(row, text).run();
}

void SqliteWords::remove_waiting(std::int64_t first, std::int64_t last) {
  database_.prepare("DELETE FROM waiting_words WHERE rowid BETWEEN ? AND ?")
      .bind(first, last)
      .run();
}

bool SqliteWords::find_in(const char* table, std::span<const WordPhrase> phrases,
                          std::int64_t first, std::int64_t last, const TakeHit& take) {
  const std::string name = table;
  Statement row = database_.prepare("SELECT rowid, hits(" + name + ") FROM " + name + " WHERE " +
                                    name + " MATCH ? AND rowid BETWEEN ? AND ?");
  row.bind(expression_of(phrases), first, last);
  while (row.step()) {
    if (!take(row.integer(0), row.integer(1))) return false;
  }
  return true;
}

void SqliteWords::find(std::span<const WordPhrase> phrases, std::int64_t first, std::int64_t last,
                       const TakeHit& take) {
  if (find_in("piece_words", phrases, first, last, take)) find_waiting(phrases, first, last, take);
}

void SqliteWords::find_waiting(std::span<const WordPhrase> phrases, std::int64_t first,
                               std::int64_t last, const TakeHit& take) {
  find_in("waiting_words", phrases, first, last, take);
}

void SqliteWords::for_each_word(const std::optional<std::unordered_set<std::int64_t>>& rows,
                                const TakeWord& take) {
  if (rows && rows->empty()) return;
  const WordInstances instances(database_);
  Statement word = database_.prepare("SELECT doc, term, offset FROM temp.instances");
  while (word.step()) {
    if (!rows || rows->contains(word.integer(0)))
      take(word.integer(0), word.bytes(1), word.integer(2));
  }
}

void SqliteWords::for_each_row(const TakeRow& take) {
  Statement size = database_.prepare("SELECT id, sz FROM piece_words_docsize");
  while (size.step()) take(size.integer(0), size.bytes(1));
}

/// FTS5's count of rows and words is that of its rows, and its lists are whole.
void SqliteWords::check(const std::function<void(const std::string&)>& find) {
  std::uint64_t rows = 0, words = 0;
  for_each_row([&](std::int64_t, std::string_view size) {
    ++rows;
    words += take_varint(size);
  });
  Statement row = database_.prepare("SELECT block FROM piece_words_data WHERE id = 1");
  std::string_view totals = row.step() ? row.bytes(0) : std::string_view();
  const std::uint64_t counted_rows = take_varint(totals), counted = take_varint(totals);
  const bool sound = totals.empty() && counted_rows == rows && counted == words;
  if (rows > 0 && !sound) find("the index of words has damaged totals");
  row.reset();
  if (database_.is_read_only()) return;
  const Transaction writes(database_, Transaction::Kind::write);  // SQLite takes it for a change
  database_.execute("INSERT INTO piece_words (piece_words) VALUES ('integrity-check')");
}

void add_waiting_words(const Database& database) {
  database.execute(
      "CREATE VIRTUAL TABLE temp.waiting_words USING fts5 (text, tokenize = 'porter words')");
}

}  // namespace fovea
