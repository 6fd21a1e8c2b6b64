#include "memctl/measurement/token_budget.h"

#include "fovea/measure.h"
#include "fovea/text.h"

namespace fovea::memctl {

bool costs_at_most(std::string_view text, std::size_t budget) {
  return count_text_tokens(text) <= budget;
}

std::string_view first_tokens(std::string_view text, std::size_t budget) {
  return cut_text(text, largest(text.size(), [&](std::size_t bytes) {
                    return costs_at_most(cut_text(text, bytes), budget);
                  }));
}

std::string_view last_tokens(std::string_view text, std::size_t budget) {
  const auto end_of = [&](std::size_t bytes) {
    return text.substr(character_start(text, text.size() - bytes));
  };
  return end_of(largest(text.size(),
                        [&](std::size_t bytes) { return costs_at_most(end_of(bytes), budget); }));
}

}  // namespace fovea::memctl
