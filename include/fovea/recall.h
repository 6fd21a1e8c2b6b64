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
/// "auto" also means automatic. Throws Error(invalid_argument) naming the sources that exist.
Source source_from_name(std::string_view name);

/// Where a piece of recalled text came from.
enum class Origin {
  decoded,    ///< read from the vision tokens alone
  corrected,  ///< mended by the corrections kept with the tokens
  anchor,     ///< an exact string kept beside the page
  archive,    ///< the exact text
  verbatim,   ///< text that is not on a page yet
};
std::string_view name_of(Origin origin);

/// What a recalled text as a whole is based on.
enum class RecalledFrom {
  tokens,     ///< vision tokens alone
  corrected,  ///< vision tokens with anchors or corrections, or kept rows
  archive,    ///< the exact text
  verbatim,   ///< text that is not on a page yet
};
std::string_view name_of(RecalledFrom from);

struct RecalledSpan {
  std::size_t begin = 0;  ///< byte in Recalled::text
  std::size_t length = 0;
  Origin origin = Origin::decoded;
  float confidence = 1;  ///< 0..1, that the span is exact
};

/// The part of a recalled text that belongs to one message.
struct RecalledMessage {
  std::size_t begin = 0;  ///< byte in Recalled::text
  std::size_t length = 0;
  std::string role;
  Time time = 0;       ///< 0: not known
  bool begins = true;  ///< here; false: on an earlier page
  bool ends = true;    ///< here; false: on a later page
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
  /// In order; together they are the text. Empty if reading errors shifted the messages' positions.
  std::vector<RecalledMessage> messages = {};
};

/// A piece of a message that answers a query, with its surroundings.
struct RecalledPiece {
  std::int64_t page = 0;   ///< on which it begins; 0: not on a page yet
  std::int64_t place = 0;  ///< its position in the scope
  std::string role;        ///< of its message
  std::string speaker;     ///< who speaks, such as "user" or "Caroline"; empty: nobody
  Time time = 0;           ///< of its message, 0: not known
  std::string text;        ///< exact
  std::string around;      ///< with the pieces before and after it, laid out
};

}  // namespace fovea
