#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/memory.h"

namespace fovea {

/// A stretch of a text that is not to be kept.
struct SecretSpan {
  std::size_t begin = 0;  ///< byte
  std::size_t end = 0;
  std::string kind;  ///< "GitHub token", "private" ...
};

/// Keys and tokens of the kinds in models/secrets.json, and what stands between <private> and
/// </private>, in order and apart from each other. Any bytes; time grows with the text's length alone.
/// `depth`: how many such tags the text begins inside of, and afterwards how many it ends inside of;
/// then everything from the tag on is private. Absent: a tag that is not closed is text.
std::vector<SecretSpan> find_secrets(std::string_view text, int* depth = nullptr);

/// Takes secrets out of messages on their way to the store. Pieces of a text file that follow on
/// each other are looked at together, so each waits for the next one.
class SecretFilter {
 public:
  explicit SecretFilter(std::function<void(Message)> next) : next_(std::move(next)) {}

  void put(Message message);
  /// Hands over what waits.
  void flush();
  /// How many were taken out, by kind.
  const std::map<std::string, std::size_t>& counts() const { return counts_; }

 private:
  void hand_over(Message message, std::string_view continued);
  std::function<void(Message)> next_;
  std::optional<Message> waiting_;  ///< a piece of a text file
  std::size_t hidden_ = 0;          ///< bytes at its beginning that belong to the last secret
  int depth_ = 0;                   ///< of the <private> tags that it begins inside of
  std::map<std::string, std::size_t> counts_;
};

}  // namespace fovea
