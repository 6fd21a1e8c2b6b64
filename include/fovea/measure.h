#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fovea {

struct Page;
struct ReadPage;

/// How well a page was read back at a level; all 0..1.
struct Fidelity {
  double accuracy = 0;        ///< 1 - edit distance / length
  double exact_rows = 0;      ///< share of rows without a slip
  double word_precision = 0;  ///< share of the words read that the page has
  /// How far off the accuracy may be, either way. 0: the whole page was read. Otherwise only some
  /// rows were, the other figures are estimates as well, and of 10,000 pages one may be off further.
  double error = 0;
};

/// How well `read` gives the page `exact` back. Of a document what can be read on the two is
/// compared, whatever marks the model writes it with; its rows are the lines of the text.
Fidelity fidelity_of(const Page& exact, const ReadPage& read);

/// 1 - edit distance / length over Unicode characters, 0 at least; 1 for two empty texts.
double accuracy(std::string_view exact, std::string_view read);

/// The words of a text in order, as views of it: runs of letters, digits and underscores; all beyond
/// ASCII are letters.
std::vector<std::string_view> words_of(std::string_view text);
bool is_word_byte(char byte);

/// Share of the different words of `read` that `exact` has, 0..1, as DeepSeek-OCR's paper measures
/// precision; 1 when there is no word in either. With the two exchanged: the share of the words that
/// were read.
double word_precision(std::string_view exact, std::string_view read);

/// A character that was read as another; empty: it was added or left out, where the view stands.
struct Slip {
  std::string_view exact;
  std::string_view read;
};

/// What the reading of a row took for what, by an alignment with the fewest insertions, deletions and
/// substitutions; where several have as few, substitutions come first. Views of the two. None for
/// rows of so many characters that their alignment would take 64 MB.
std::vector<Slip> slips_between(std::string_view exact, std::string_view read);

/// A string of a text that loses its use when one character is wrong.
struct ExactString {
  std::string_view kind;  ///< "id", "url", "email", "path", "number" (dates, versions), "name"
  std::size_t begin = 0;  ///< byte
  std::size_t length = 0;
};

/// The exact strings of a text (any bytes), of ASCII characters: in order, none over another.
std::vector<ExactString> find_exact_strings(std::string_view text);

/// How alike two names are, 0..1, whichever is taken for the right one.
double likeness(std::string_view a, std::string_view b);

/// Unicode characters; a byte that is not UTF-8 counts as a character of its own.
std::size_t count_characters(std::string_view text);

/// A text's cost in tokens of a large model's tokenizer, estimated from its kinds of characters
/// (fitted to DeepSeek's tokenizer; see src/measure/text_tokens.cpp for the error).
std::size_t count_text_tokens(std::string_view text);

}  // namespace fovea
