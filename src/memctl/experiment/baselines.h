#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fovea::memctl {

/// Ways to make a text short that need no model: what vision tokens have to be better than.
enum class Baseline {
  truncation,  ///< the page's first tokens
  newest,      ///< its last tokens, as a context window keeps them
  sentences,   ///< an extract: the sentences nearest to the middle of all by TF-IDF, in their order
  bm25,        ///< another: those that best answer to the page's most distinctive words
  dropping,    ///< its rarest tokens, in their order: LLMLingua-2's manner, without a model
};
inline constexpr std::array kBaselines = {Baseline::truncation, Baseline::newest,
                                          Baseline::sentences, Baseline::bm25, Baseline::dropping};
std::string_view name_of(Baseline baseline);

/// How often each word or sign occurs in a text, which must outlive this.
class TokenFrequencies {
 public:
  explicit TokenFrequencies(std::string_view text);
  /// 0 for one that does not occur.
  std::size_t count(std::string_view token) const;
  std::size_t total() const { return total_; }

 private:
  std::unordered_map<std::string_view, std::size_t> counts_;
  std::size_t total_ = 0;
};

/// What the baseline keeps of a page within a budget of (estimated) text tokens; all of it when it
/// is within the budget. `frequencies`: of the whole text that the page is from.
std::string kept_by(Baseline baseline, std::string_view page, std::size_t budget,
                    const TokenFrequencies& frequencies);

}  // namespace fovea::memctl
