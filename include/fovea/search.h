#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/scope.h"

namespace fovea {

/// What a condition looks at: `agent`, `session` and `run` of the scope; `role`, `source` and
/// `time` of a message on the page; `level` of the page.
enum class Field { agent, session, run, role, source, time, level };

enum class Comparison { equal, not_equal, less, at_most, greater, at_least, one_of, none_of, like };

/// One condition on the pages to search. Conditions on messages apply together: a page fits if one
/// message on it meets them all. A condition on a part of the scope widens the search to the user's
/// other scopes: that part and those below it may then have any value that meets the conditions.
struct Condition {
  Field field = Field::role;
  Comparison comparison = Comparison::equal;
  /// One, or several for one_of and none_of. Times: seconds since 1970, or a date such as
  /// 2026-05-15 or 2026-05-15T10:00:00Z. `like`: a pattern with * and ?.
  std::vector<std::string> values;
};

/// Whether it is on a part of the scope, and so widens the search.
inline bool is_of_scope(const Condition& condition) { return condition.field <= Field::run; }

/// Reads "role = user", "time >= 2026-05-15", "level in small, tiny", "source ~ *.jsonl";
/// operators: = != < <= > >= ~ in, not in. Throws Error(invalid_argument) saying what was expected.
Condition condition_from_text(std::string_view text);

struct SearchOptions {
  int k = 10;                    ///< pages at most
  std::vector<Condition> where;  ///< all must hold
  /// Weight of a page's rank by age, beside 1 for the rank of its best piece; 0: age does not
  /// count.
  double recency = 0;
};

/// A page's place in one of the rankings that a search fuses.
struct Place {
  std::size_t rank = 0;  ///< 1 for the first
  double value = 0;      ///< what the ranking is sorted by
  double adds = 0;       ///< what it adds to the score: weight / (60 + rank)
};

struct Hit {
  std::int64_t id = 0;
  double score = 0;             ///< sum of what its places add
  std::string snippet;          ///< its best piece, on one line
  Scope scope;
  std::int64_t piece = 0;         ///< position of the best piece in the scope; 0: no piece matched
  std::string role;               ///< of that piece's message; empty: no piece matched
  std::string speaker;            ///< who speaks, such as "user" or "Caroline"; empty: nobody
  std::int64_t time = 0;          ///< of that message, or of the page's last; seconds since 1970
  std::optional<Place> words;     ///< by the words of its best piece, with an embedder also meaning
  std::optional<double> cosine;   ///< between the best piece and the query, if both were embedded
  std::optional<Place> likeness;  ///< by vision tokens, for pages whose text is not kept
  std::optional<Place> recency;   ///< by the time of its last message, if SearchOptions ask for it
  std::optional<double> bm25;     ///< of the whole page, for comparison; not part of the score
};

struct SearchResult {
  std::vector<Hit> hits;  ///< best first; the same for the same question and store
  /// Without hits: a sentence that says why. With hits: a remark on them, usually empty.
  std::string note;
  /// The best match in the text that is not on a page yet; empty: none.
  std::string verbatim_snippet;
};

}  // namespace fovea
