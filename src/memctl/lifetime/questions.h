#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "memctl/lifetime/life.h"

namespace fovea::memctl {

/// A question that a place of the history answers, made without a language model: the rarest words
/// around a string that stands nowhere else.
struct Question {
  std::string query;
  std::string answer;
  std::size_t begin = 0;  ///< of the answer in the life's text
};

/// For each page of the life its questions, `per_page` at most, in the order of their answers. Exact
/// strings (ids, paths, numbers ...) are asked for first, then words. The same for the same seed.
std::vector<std::vector<Question>> questions_of(const Life& life, std::size_t per_page,
                                                std::uint64_t seed);

}  // namespace fovea::memctl
