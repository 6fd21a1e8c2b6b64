#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "memory/stems.h"
#include "memory/store.h"

namespace fovea {

/// The words of text that is kept nowhere, as the index of words may keep them: instead of each stem
/// a hash of it under a secret of its scope's own (that of its tombstones). A search finds them as it
/// finds words, but for beginnings of words. They tell how often which stem stands where and which
/// are the same within the scope, and whoever has the store, and so the secret, can test guesses.
class HashedWords {
 public:
  HashedWords(const Database& database, ScopeId scope);

  /// The stems of a phrase, hashed and parted by spaces; without a secret nothing that is there.
  std::string phrase(const std::vector<std::string>& stems) const;
  /// What the index is given as the text of a piece. There must be a secret.
  std::string row(const std::vector<Stem>& stems) const;

 private:
  std::string hashed(std::string_view stem) const;

  std::string secret_;
};

/// The hashes in such a text, as the index takes them; nothing: it is not one.
std::optional<std::vector<Stem>> hashes_of(std::string_view row);

/// The texts of rows of the index that are hashed, put together again from it: of these rows, or all.
/// SQLite reads all of the index.
std::map<std::int64_t, std::string> read_hashed_rows(
    const Database& database, const std::optional<std::unordered_set<std::int64_t>>& rows = {});

/// Of a word and its place, for sums over a piece that do not depend on their order.
std::uint64_t mark_of_word(std::string_view word, std::int64_t place);
/// The sum of these for a text of `row`, as `pieces.hashed` has it.
std::int64_t sum_of_hashes(std::string_view row);

}  // namespace fovea
