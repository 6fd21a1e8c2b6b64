#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/level.h"
#include "fovea/time.h"

namespace fovea {

enum class Source {
  tokens,     ///< the decoder and nothing else
  archive,    ///< the exact text
  automatic,  ///< the exact text where it is kept, otherwise tokens with anchors and corrections
};
std::string_view name_of(Source source);
/// "auto" is automatic, too. Throws Error(invalid_argument) naming those there are.
Source source_from_name(std::string_view name);

/// Where a piece of recalled text came from.
enum class Origin {
  decoded,    ///< read from the vision tokens, and nothing else
  corrected,  ///< put in by the corrections kept with the tokens
  anchor,     ///< an exact string kept beside the page
  archive,    ///< the exact text
  verbatim,   ///< text that fills no page yet
};
std::string_view name_of(Origin origin);

/// What a recalled text as a whole rests on.
enum class RecalledFrom {
  tokens,     ///< vision tokens alone
  corrected,  ///< vision tokens with anchors or corrections, or kept rows
  archive,    ///< the exact text
  verbatim,   ///< text that fills no page yet
};
std::string_view name_of(RecalledFrom from);

struct RecalledSpan {
  std::size_t begin = 0;  ///< byte in Recalled::text
  std::size_t length = 0;
  Origin origin = Origin::decoded;
  float confidence = 1;  ///< 0..1, how sure it is that the span is exact
};

/// What a message has of a recalled text.
struct RecalledMessage {
  std::size_t begin = 0;  ///< byte in Recalled::text
  std::size_t length = 0;
  std::string role;
  Time time = 0;       ///< 0: not known
  bool begins = true;  ///< here; otherwise it begins on a page before
  bool ends = true;    ///< here
};

struct Recalled {
  std::int64_t id = 0;         ///< page; 0 for text that is still verbatim
  std::optional<Level> level;  ///< absent: verbatim
  Time time = 0;               ///< of its last message, 0: not known
  RecalledFrom source = RecalledFrom::tokens;
  std::string text;
  float confidence = 1;             ///< mean of the spans', weighted by length
  bool complete = true;             ///< see ReadPage
  std::vector<RecalledSpan> spans;  ///< in order; together they are the text
  /// In order; together they are the text. Empty where it was read with slips that moved its places.
  std::vector<RecalledMessage> messages = {};
};

/// A piece of a message that answers a question, with what is around it.
struct RecalledPiece {
  std::int64_t page = 0;   ///< where it begins; 0: on no page yet
  std::int64_t place = 0;  ///< in the scope
  std::string role;        ///< of its message
  std::string speaker;     ///< who says it: "user", "Caroline"; empty: nobody
  Time time = 0;           ///< of its message, 0: not known
  std::string text;        ///< exact
  std::string around;      ///< the same with the piece before it and the one behind it, laid out
};

}  // namespace fovea
