#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "fovea/codec.h"
#include "fovea/level.h"
#include "memctl/measurement/exact_strings.h"

namespace fovea::memctl {

using Json = nlohmann::ordered_json;

/// What was done to a page's text before it was drawn: none, or what makes a control of it.
enum class Shuffle { none, words, characters };
inline constexpr std::array kShuffles = {Shuffle::none, Shuffle::words, Shuffle::characters};
std::string_view name_of(Shuffle shuffle);

/// "106"
std::string columns_of(Density density);

/// One page at one level.
struct PageKey {
  Density density = Density::d106;
  std::string domain;  ///< the text's name
  Shuffle shuffle = Shuffle::none;
  std::size_t page = 0;  ///< among those of the text that are read, from 0
  Level level = Level::tiny;
  auto operator<=>(const PageKey&) const = default;
};

/// One row that was read: what was said of it, and whether it is exact.
struct RowRecord {
  float confidence = 0;
  RowEvidence evidence;
  bool exact = false;
};

/// How often a character was read as another, both as they are shown; nothing: it was left out, or
/// added.
using Confusions = std::map<std::pair<std::string, std::string>, std::size_t>;

/// What a baseline gives back of a page.
struct BaselineRecord {
  std::size_t tokens = 0;         ///< estimated text tokens that it keeps
  double errors = 0;              ///< edit distance
  double word_recall = 0;         ///< share of the page's unique words
  std::size_t exact_strings = 0;  ///< given back
  std::size_t zstd_bytes = 0;     ///< of what it keeps
};

/// All that is measured of a page at a level: a line of pages.jsonl.
struct PageRecord {
  /// Edit distance / length.
  double wrong_share() const { return characters == 0 ? 0 : errors / double(characters); }

  PageKey key;
  std::size_t begin = 0;  ///< byte of the text
  bool full = false;      ///< no further character fits
  std::size_t characters = 0, text_tokens = 0, vision_tokens = 0;
  std::size_t text_bytes = 0, token_bytes = 0;
  std::size_t zstd_bytes = 0, xz_bytes = 0;      ///< of the text
  std::map<std::string, std::size_t> tokens_by;  ///< of the text, by the tokenizer's name
  std::size_t unknown_cells = 0;  ///< cells with what the checkpoint's alphabet lacks
  double errors = 0;              ///< edit distance, the page's characters at most
  double exact_rows = 0, word_precision = 0, word_recall = 0, confidence = 0;
  double encode_seconds = 0, read_seconds = 0;
  std::map<std::string, Tally> exact_strings;  ///< by kind
  std::vector<RowRecord> rows;                 ///< those with text
  Confusions confusions;

  // None of a control made by shuffling.
  std::map<std::string, BaselineRecord> baselines;  ///< by name
  std::vector<int> row_lengths;                     ///< columns used, of each row
  std::vector<std::string> wrong_cells;             ///< of each row, see wrong_cells_of
  std::vector<std::string> read_rows;               ///< what was read, of a text's first page only
};

Json json_of(const PageRecord& record);
/// Throws Json::exception or Error(invalid_argument) for what `json_of` cannot have made.
PageRecord page_record_from(const Json& json);

}  // namespace fovea::memctl
