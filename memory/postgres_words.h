#pragma once

#include "memory/database.h"
#include "memory/sqlite_words.h"

namespace fovea {

/// The index of words as rows of arrays, the stems of a piece and their places, under a GIN index.
/// SQLite in memory gives the stems and has the words of waiting text.
class PostgresWords : public WordIndex {
 public:
  /// `database`: a store on a PostgreSQL server, which outlives it.
  explicit PostgresWords(const Database& database);

  const Stems& stems() override { return in_memory_words_.stems(); }
  std::int64_t add(std::int64_t row, std::string_view text) override;
  bool removes_by_text() const override { return false; }
  bool remove(std::span<const WordRow> rows) override;
  void remove_all() override;
  void add_waiting(std::int64_t row, std::string_view text) override;
  void remove_waiting(std::int64_t first, std::int64_t last) override;
  void find(std::span<const WordPhrase> phrases, std::int64_t first, std::int64_t last,
            const TakeHit& take) override;
  void for_each_word(const std::optional<std::unordered_set<std::int64_t>>& rows,
                     const TakeWord& take) override;
  void for_each_row(const TakeRow& take) override;
  void check(const std::function<void(const std::string&)>& /*find*/) override {}

 private:
  /// A phrase as the index has its words.
  struct StemPhrase {
    std::vector<std::string> stems;
    bool is_prefix = false;
  };
  bool find_words(std::span<const StemPhrase> phrases, std::int64_t first, std::int64_t last,
                  const TakeHit& take);
  bool find_places(std::span<const StemPhrase> phrases, std::int64_t first, std::int64_t last,
                   const TakeHit& take);

  const Database& database_;
  Database in_memory_;
  SqliteWords in_memory_words_;
};

}  // namespace fovea
