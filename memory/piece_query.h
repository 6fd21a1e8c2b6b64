#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memory/piece_index.h"

namespace fovea {

/// What a piece is looked for by.
struct QueryTerm {
  std::string match;  ///< FTS5 expression: one phrase
  std::string word;   ///< folded; of a phrase empty
  double weight = 1;
  std::string terms = {};  ///< folded, parted by spaces; several: a phrase
  bool is_prefix = false;  ///< the last one is the beginning of a word
};

/// A question, taken apart for a ranking of pieces.
struct PieceQuery {
  std::vector<QueryTerm> terms;    ///< different ones
  std::vector<QueryTerm> phrases;  ///< what stood in quotes; these are among the terms, too
  std::string speaker;           ///< the only one that it names; empty: none or several
  int month = 0;                 ///< 1 to 12 that it names; 0: none or several
  int day = 0;                   ///< a number of 1 to 31 beside it; 0: none
};

/// Words of two and more characters that say something, each once; all words when none does. A name
/// of a speaker weighs little, since what is told of one stands in all that they say. Letters of
/// scripts without spaces count in pairs; what stands together (level.cpp) also as a phrase. What
/// stands in quotes is one phrase, and a word before a `*` the beginning of words; quotes that do not
/// close and other signs are none.
PieceQuery piece_query(std::string_view question, const std::vector<const PieceIndex*>& scopes);

/// The words of a question that say something, parted by blanks.
std::string telling_words(std::string_view question);
/// The question without the names of speakers, which tell nothing of what it means; all of it when
/// nothing else is left.
std::string without_names(std::string_view question, const std::vector<const PieceIndex*>& scopes);
/// Whether the question has words in quotes.
bool has_phrases(std::string_view question);

struct Date {
  int year = 0, month = 0, day = 0;
};
Date date_of(Time time);  ///< UTC
/// "january" ... "december"; `month`: 1 to 12.
std::string_view month_name(int month);

}  // namespace fovea
