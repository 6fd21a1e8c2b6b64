#include "memory/word_segments.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "memory/database.h"
#include "memory/full_text.h"
#include "memory/sqlite_words.h"
#include "memory/varint.h"
#include "tests/memory/store_fixture.h"

namespace {

using namespace fovea;
using namespace fovea::test;

/// An index of words with leaves so small that lists go on over many of them.
class SmallIndex {
 public:
  explicit SmallIndex(const std::string& file, int leaf_bytes) : database(file, file, 1000) {
    add_full_text(database);
    database.execute(
        "PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON; CREATE TABLE store (holds_copies); "
        "INSERT INTO store VALUES (0); CREATE VIRTUAL TABLE piece_words "
        "USING fts5 (text, content = '', tokenize = 'porter words')");
    database.execute("INSERT INTO piece_words (piece_words, rank) VALUES ('pgsz', " +
                     std::to_string(leaf_bytes) + ")");
  }

  void add(std::int64_t row, const std::string& text) {
    texts[row] = text;
    words.add(row, text);
  }

  void remove(const std::vector<std::int64_t>& rows) {
    Transaction transaction(database, Transaction::Kind::write);
    std::vector<WordRow> gone;
    for (const std::int64_t row : rows) {
      gone.push_back({row, texts.at(row)});
      texts.erase(row);
    }
    CHECK(words.remove(gone));
    transaction.commit();
  }

  /// Each word that the index has, with its row and place.
  std::set<std::string> instances() {
    std::set<std::string> all;
    words.for_each_word({}, [&](std::int64_t row, std::string_view word, std::int64_t place) {
      all.insert(std::to_string(row) + " " + std::string(word) + " " + std::to_string(place));
    });
    return all;
  }

  /// What an index is that never had anything else.
  std::set<std::string> expected() const {
    SmallIndex fresh(std::string(Database::kInMemory), 4050);
    for (const auto& [row, text] : texts) fresh.add(row, text);
    return fresh.instances();
  }

  void check_sound() {
    words.check([](const std::string& what) { FAIL_CHECK(what); });
    CHECK(instances() == expected());
  }

  Database database;
  SqliteWords words{database};
  std::map<std::int64_t, std::string> texts;
};

/// A few words of many, the first ones far more often; now and then many times the same.
std::string made_up_text(std::mt19937& random, std::int64_t row) {
  std::string text = "unique" + std::to_string(row) + "x";
  const std::size_t count = 1 + random() % 40;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t word = random() % (1 + random() % (1 + random() % 300));
    text += " w" + std::string(1, static_cast<char>('a' + word % 26)) + std::to_string(word) + "k";
  }
  if (random() % 20 == 0)
    for (int i = 0; i < 200; ++i) text += " often";
  return text;
}

TEST_CASE("words: rows taken out in place leave an index that never had them") {
  for (const int leaf_bytes : {32, 64, 200, 4050}) {
    CAPTURE(leaf_bytes);
    TemporaryFolder folder;
    SmallIndex index(folder.file("words.db"), leaf_bytes);
    std::mt19937 random(static_cast<unsigned>(leaf_bytes));
    std::int64_t last = 0;
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < 25; ++i) {
        last += 1 + static_cast<std::int64_t>(random() % 3) * (random() % 10 == 0 ? 100'000 : 1);
        index.add(last, made_up_text(random, last));
      }
      std::vector<std::int64_t> gone;
      for (const auto& [row, text] : index.texts) {
        if (random() % 4 == 0) gone.push_back(row);
      }
      std::ranges::shuffle(gone, random);
      index.remove(gone);
      index.check_sound();
    }
    std::vector<std::int64_t> rest;
    for (const auto& [row, text] : index.texts) rest.push_back(row);
    index.remove(rest);
    index.check_sound();
    index.add(5, "heron again");
    index.check_sound();
    index.database.execute("INSERT INTO piece_words (piece_words) VALUES ('optimize')");
    index.check_sound();
  }
}

TEST_CASE("words: what was taken out in place is in no byte of the file") {
  TemporaryFolder folder;
  SmallIndex index(folder.file("words.db"), 100);
  std::mt19937 random(3);
  for (std::int64_t row = 1; row <= 400; ++row) index.add(row, made_up_text(random, row));
  for (std::int64_t row = 1; row <= 400; row += 2) {
    if (row % 50 != 1) index.remove({row});
  }
  std::vector<std::int64_t> rest;
  for (std::int64_t row = 1; row <= 400; row += 50) rest.push_back(row);
  index.remove(rest);
  index.database.integer("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string bytes = all_bytes_of(folder.file("words.db"));
  int gone = 0, kept = 0;  // of a term FTS5 may keep only what differs from the one before
  for (int row = 1; row <= 400; ++row)
    (row % 2 == 1 ? gone : kept) += contains(bytes, "unique" + std::to_string(row) + "x") ? 1 : 0;
  CHECK(gone == 0);
  CHECK(kept >= 1);
  index.check_sound();
}

TEST_CASE("words: a row may come back with other words, in the transaction that took it out") {
  TemporaryFolder folder;
  SmallIndex index(folder.file("words.db"), 64);
  for (std::int64_t row = 1; row <= 50; ++row) index.add(row, "common word" + std::to_string(row));
  {
    Transaction transaction(index.database, Transaction::Kind::write);
    index.add(51, "common heron");  // is still in FTS5's memory
    const WordRow gone[] = {{7, "common word7"}, {51, "common heron"}};
    CHECK(index.words.remove(gone));
    index.add(7, "another one");
    index.texts.erase(51);
    transaction.commit();
  }
  index.check_sound();
}

TEST_CASE("words: a row whose text is another than was added changes nothing in place") {
  TemporaryFolder folder;
  SmallIndex index(folder.file("words.db"), 64);
  for (std::int64_t row = 1; row <= 50; ++row) index.add(row, "common word" + std::to_string(row));
  const auto before = index.instances();
  CHECK(!WordSegments(index.database).remove({{"common", {3}}, {"wordthree", {3}}}));
  CHECK(!WordSegments(index.database).remove({{"common", {77}}}));
  CHECK(index.instances() == before);
  CHECK(WordSegments(index.database).remove({{"common", {3}}}));
  CHECK(index.instances().size() == before.size() - 1);
}

TEST_CASE("words: numbers are written as SQLite reads them") {
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{16'383},
        std::uint64_t{16'384}, (std::uint64_t{1} << 32) + 5, (std::uint64_t{1} << 56) - 1,
        std::uint64_t{1} << 56, ~std::uint64_t{0}}) {
    std::string bytes;
    append_varint(bytes, number);
    std::string_view rest = bytes;
    CHECK(take_varint(rest) == number);
    CHECK(rest.empty());
  }
  std::string bytes;
  append_varint(bytes, 128);
  CHECK(bytes == std::string("\x81\x00", 2));
}

}  // namespace
