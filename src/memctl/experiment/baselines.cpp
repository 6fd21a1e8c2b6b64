#include "memctl/experiment/baselines.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "fovea/measure.h"
#include "memctl/experiment/sentences.h"
#include "memctl/measurement/token_budget.h"

namespace fovea::memctl {
namespace {

/// 0, 1, 2 ... by falling score; equal ones stay in order.
std::vector<std::size_t> ranked(const std::vector<double>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Rounded, so that equal sentences stay in order on every machine.
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return std::round(scores[i] * 1e9); });
  return order;
}

std::string joined(const std::vector<std::string_view>& pieces, std::vector<std::size_t> chosen) {
  std::ranges::sort(chosen);
  std::string text;
  for (const std::size_t i : chosen) text += pieces[i];
  return text;
}

/// Those with the best scores.
std::string best_sentences(const std::vector<std::string_view>& sentences,
                           const std::vector<double>& scores, std::size_t budget) {
  const auto order = ranked(scores);
  std::vector<std::size_t> chosen;
  for (const std::size_t i : order) {
    chosen.push_back(i);
    if (!costs_at_most(joined(sentences, chosen), budget)) chosen.pop_back();
  }
  if (chosen.empty() && !order.empty())  // the best one is longer than the budget
    return std::string(first_tokens(sentences[order.front()], budget));
  return joined(sentences, chosen);
}

/// Words and single signs, each with the blanks before it, as tokenizers have them.
std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (std::size_t begin = 0, at = 0; at < text.size(); begin = at) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at < text.size() && !is_word_byte(text[at++])) {
      tokens.push_back(text.substr(begin, at - begin));
      continue;
    }
    while (at < text.size() && is_word_byte(text[at])) ++at;
    tokens.push_back(text.substr(begin, at - begin));
  }
  return tokens;
}

std::string_view without_blanks(std::string_view token) {
  while (!token.empty() && is_blank(token.front())) token.remove_prefix(1);
  return token;
}

std::string rarest_tokens(std::string_view page, std::size_t budget,
                          const TokenFrequencies& frequencies) {
  const auto tokens = tokens_of(page);
  std::vector<double> rarity;
  for (const std::string_view token : tokens)
    rarity.push_back(-double(frequencies.count(without_blanks(token))));
  const auto order = ranked(rarity);
  const auto first = [&](std::size_t count) {
    return joined(tokens, {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count)});
  };
  return first(largest(tokens.size(),
                       [&](std::size_t count) { return costs_at_most(first(count), budget); }));
}

/// The page's words that are most its own: frequent on it, rare in the whole text.
std::vector<std::string_view> distinctive_words(std::string_view page,
                                                const TokenFrequencies& frequencies) {
  constexpr std::size_t kWords = 20;
  std::vector<std::string_view> words;
  std::unordered_map<std::string_view, double> counts;
  for (const std::string_view word : words_of(page))
    if (counts[word]++ == 0) words.push_back(word);
  std::vector<double> weights;
  for (const std::string_view word : words)
    weights.push_back(counts[word] *
                      std::log(double(frequencies.total() + 1) /
                               double(std::max<std::size_t>(frequencies.count(word), 1))));
  std::vector<std::string_view> best;
  for (const std::size_t i : ranked(weights))
    if (best.size() < kWords) best.push_back(words[i]);
  return best;
}

}  // namespace

std::string_view name_of(Baseline baseline) {
  switch (baseline) {
    case Baseline::truncation: return "truncation";
    case Baseline::newest: return "newest";
    case Baseline::sentences: return "sentences";
    case Baseline::bm25: return "bm25";
    case Baseline::dropping: return "dropping";
  }
  return "";
}

TokenFrequencies::TokenFrequencies(std::string_view text) {
  for (const std::string_view token : tokens_of(text)) {
    ++counts_[without_blanks(token)];
    ++total_;
  }
}

std::size_t TokenFrequencies::count(std::string_view token) const {
  const auto found = counts_.find(token);
  return found == counts_.end() ? 0 : found->second;
}

std::string kept_by(Baseline baseline, std::string_view page, std::size_t budget,
                    const TokenFrequencies& frequencies) {
  if (costs_at_most(page, budget)) return std::string(page);
  switch (baseline) {
    case Baseline::truncation: return std::string(first_tokens(page, budget));
    case Baseline::newest: return std::string(last_tokens(page, budget));
    case Baseline::sentences: {
      const auto sentences = sentences_of(page);
      return best_sentences(sentences, centrality_of(sentences), budget);
    }
    case Baseline::bm25: {
      const auto sentences = sentences_of(page);
      return best_sentences(sentences, bm25_scores(sentences, distinctive_words(page, frequencies)),
                            budget);
    }
    case Baseline::dropping: return rarest_tokens(page, budget, frequencies);
  }
  return {};
}

}  // namespace fovea::memctl
