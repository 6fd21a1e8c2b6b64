#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fovea {

/// A token that is found in the raw text, before anything else.
struct AddedToken {
  int id = 0;
  std::string content;
  bool normalized = false;  ///< looked for only where no unnormalized one was found
};

/// One step of cutting text into pieces: every match becomes a piece, so does what lies between.
struct SplitRule {
  std::string pattern;
  bool literal = false;  ///< plain characters, not a regular expression
  bool removed = false;  ///< matches are thrown away
};

/// What tokenizer.json says, checked to be byte-level BPE.
struct TokenizerJson {
  std::unordered_map<std::string, int> vocab;  ///< token in the byte-level alphabet -> id
  std::vector<std::pair<std::string, std::string>> merges;
  bool ignore_merges = false;  ///< a piece that is in the vocabulary is taken as it is
  std::vector<SplitRule> splits;
  std::vector<AddedToken> added;
};

/// Throws Error(not_found | io | corruption | unsupported) naming the file and the key.
TokenizerJson read_tokenizer_json(const std::string& path);

}  // namespace fovea
