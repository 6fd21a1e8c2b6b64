#include "memory/sqlite_words.h"

#include "fovea/error.h"

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

/// SQLite's number of 7 bits a byte, the highest first, from the front of `bytes`.
std::uint64_t take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 9 && !bytes.empty(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (i == 8) return number << 8 | byte;
    number = number << 7 | (byte & 0x7F);
    if (byte < 0x80) break;
  }
  return number;
}

}  // namespace

const Stems& SqliteWords::stems() {
  if (!stems_) stems_.emplace(database_);
  return *stems_;
}

void SqliteWords::add(std::int64_t row, std::string_view text) {
  database_.prepare("INSERT INTO piece_words (rowid, text) VALUES (?, ?)").bind(row, text).run();
}

bool SqliteWords::remove(std::int64_t row, const std::optional<std::string>& text) {
  if (!text) return false;
  database_.prepare("INSERT INTO piece_words (piece_words, rowid, text) VALUES ('delete', ?, ?)")
      .bind(row, *text)
      .run();
  return true;
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
    words += take_number(size);
  });
  Statement row = database_.prepare("SELECT block FROM piece_words_data WHERE id = 1");
  std::string_view totals = row.step() ? row.bytes(0) : std::string_view();
  const std::uint64_t counted_rows = take_number(totals), counted = take_number(totals);
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
