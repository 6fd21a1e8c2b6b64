#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/scope.h"

namespace fovea {

/// What pages are told apart by. `agent`, `session` and `run` are of the scope, `role`, `source`
/// and `time` of a message on the page, `level` of the page.
enum class Field { agent, session, run, role, source, time, level };

enum class Comparison { equal, not_equal, less, at_most, greater, at_least, one_of, none_of, like };

/// One condition on the pages that a search looks at. Conditions on messages count together: a page
/// fits when one message on it meets all of them. A condition on a part of the scope lets the
/// search leave the Memory's own scope, for any value of that part and of those below it, but never
/// its user.
struct Condition {
  Field field = Field::role;
  Comparison comparison = Comparison::equal;
  /// One, or several for one_of and none_of. Times: seconds since 1970, or a date such as
  /// 2026-05-15 or 2026-05-15T10:00:00Z. `like`: a pattern with * and ?.
  std::vector<std::string> values;
};

/// Reads "role = user", "time >= 2026-05-15", "level in small, tiny", "source ~ *.jsonl";
/// operators: = != < <= > >= ~ in, not in. Throws Error(invalid_argument) saying what was expected.
Condition condition_from_text(std::string_view text);

struct SearchOptions {
  int k = 10;                    ///< pages at most
  std::vector<Condition> where;  ///< all must hold
  /// How much a page's place by age counts beside its place by its best piece, which counts 1;
  /// 0: age counts nothing.
  double recency = 0;
};

/// A page's place in one of the lists that a search puts together.
struct Place {
  std::size_t rank = 0;  ///< 1 for the first
  double value = 0;      ///< what the list is sorted by
  double adds = 0;       ///< to the score: weight / (60 + rank)
};

struct Hit {
  std::int64_t id = 0;
  double score = 0;  ///< the sum of what the places add
  std::string snippet;          ///< its best piece, on one line
  Scope scope;
  std::int64_t piece = 0;         ///< the best piece's place in the scope; 0: not found by its words
  std::string role;               ///< of its message; empty: not found by its words
  std::string speaker;            ///< who says it: "user", "Caroline"; empty: nobody
  std::int64_t time = 0;          ///< of its message, or the page's last one, seconds since 1970
  std::optional<Place> words;     ///< by its best piece: its words, and with an embedder its meaning
  std::optional<double> cosine;   ///< of the best piece and the question, where they were compared
  std::optional<Place> likeness;  ///< of vision tokens, for pages whose text is not kept
  std::optional<Place> recency;   ///< by the time of its last message, when that was asked for
  std::optional<double> bm25;     ///< of the whole page; for comparison, adds nothing
};

struct SearchResult {
  std::vector<Hit> hits;  ///< best first; the same for the same question and store
  /// Without hits: why, in a sentence. With hits: what one should know of them, mostly nothing.
  std::string note;
  /// The best piece with words of the query in the text that fills no page yet; empty: none.
  std::string verbatim_snippet;
};

}  // namespace fovea
