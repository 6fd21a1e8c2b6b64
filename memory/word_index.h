#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "memory/stems.h"

namespace fovea {

/// What is looked for in the index of words: terms that stand one behind the other.
struct WordPhrase {
  std::string terms;       ///< folded, parted by spaces
  bool is_prefix = false;  ///< the last one is the beginning of a word
};

/// A row to be taken out of the index, with the text that was added.
struct WordRow {
  std::int64_t row = 0;
  std::optional<std::string> text = {};  ///< nothing: it is not known any more
};

/// The words of pieces by row (word_row in pieces.h): stems and their places, no text. What it is
/// given as text is cut by words.h, or is a row of hashes (hashed_words.h). A change of the terms
/// is a change of the schema.
class WordIndex {
 public:
  virtual ~WordIndex() = default;

  /// The stems that it makes of terms.
  virtual const Stems& stems() = 0;

  /// Returns how many words they are, each place counted once.
  virtual std::int64_t add(std::int64_t row, std::string_view text) = 0;
  /// Whether remove() has to know the text of each row.
  virtual bool removes_by_text() const = 0;
  /// False: it lacks a text that it needs.
  virtual bool remove(std::span<const WordRow> rows) = 0;
  virtual void remove_all() = 0;

  // Words of text that is on no page yet: only this connection has them, in memory.
  virtual void add_waiting(std::int64_t row, std::string_view text) = 0;
  virtual void remove_waiting(std::int64_t first, std::int64_t last) = 0;

  /// Takes a row and how often the phrases stand in it. False: no more are wanted.
  using TakeHit = std::function<bool(std::int64_t row, std::int64_t times)>;
  /// The rows from `first` to `last` that have any of the phrases, in order; behind them those of
  /// waiting text, in order.
  virtual void find(std::span<const WordPhrase> phrases, std::int64_t first, std::int64_t last,
                    const TakeHit& take) = 0;

  using TakeWord = std::function<void(std::int64_t row, std::string_view word, std::int64_t place)>;
  /// Every word that it keeps, in any order; `rows`: of these alone.
  virtual void for_each_word(const std::optional<std::unordered_set<std::int64_t>>& rows,
                             const TakeWord& take) = 0;
  /// Every row that it keeps, with what it notes of its length; empty: nothing.
  using TakeRow = std::function<void(std::int64_t row, std::string_view size)>;
  virtual void for_each_row(const TakeRow& take) = 0;
  /// Calls `find` for whatever is wrong with its own tables. Not in a transaction.
  virtual void check(const std::function<void(const std::string&)>& find) = 0;
};

}  // namespace fovea
