#pragma once

#include "memory/database.h"
#include "memory/word_index.h"

namespace fovea {

/// The index of words as FTS5 tables without content: `piece_words`, and in memory `waiting_words`.
class SqliteWords : public WordIndex {
 public:
  /// `database`: an SQLite database, which outlives it.
  explicit SqliteWords(const Database& database) : database_(database) {}

  const Stems& stems() override;
  std::int64_t add(std::int64_t row, std::string_view text) override;
  bool removes_by_text() const override { return true; }
  bool remove(std::span<const WordRow> rows) override;
  void remove_all() override;
  void add_waiting(std::int64_t row, std::string_view text) override;
  void remove_waiting(std::int64_t first, std::int64_t last) override;
  void find(std::span<const WordPhrase> phrases, std::int64_t first, std::int64_t last,
            const TakeHit& take) override;
  /// The same among waiting text alone.
  void find_waiting(std::span<const WordPhrase> phrases, std::int64_t first, std::int64_t last,
                    const TakeHit& take);
  void for_each_word(const std::optional<std::unordered_set<std::int64_t>>& rows,
                     const TakeWord& take) override;
  void for_each_row(const TakeRow& take) override;
  void check(const std::function<void(const std::string&)>& find) override;

 private:
  bool find_in(const char* table, std::span<const WordPhrase> phrases, std::int64_t first,
               std::int64_t last, const TakeHit& take);
  bool remove_in_place(std::span<const WordRow> rows);
  void forget_sizes(std::span<const WordRow> rows);

  const Database& database_;
  std::optional<Stems> stems_;  ///< made when they are first asked for
};

/// Makes temp.waiting_words.
void add_waiting_words(const Database& database);

}  // namespace fovea
