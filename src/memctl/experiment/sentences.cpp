#include "memctl/experiment/sentences.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "fovea/measure.h"

namespace fovea::memctl {
namespace {

/// Bytes of the sign at `at` that ends a sentence, 0 for any other.
std::size_t sentence_end(std::string_view text, std::size_t at) {
  for (const std::string_view wide : {"。", "！", "？"})
    if (text.substr(at).starts_with(wide)) return wide.size();
  const char c = text[at];
  if (c == '\n') return 1;
  const bool stop = c == '.' || c == '!' || c == '?';
  return stop && (at + 1 == text.size() || is_blank(text[at + 1])) ? 1 : 0;
}

using Weights = std::unordered_map<std::string_view, double>;

/// TF-IDF of each sentence over the page's sentences, of length 1.
std::vector<Weights> weights_of(const std::vector<std::string_view>& sentences) {
  std::vector<Weights> all;
  Weights sentences_with;
  for (const std::string_view sentence : sentences) {
    Weights& counts = all.emplace_back();
    for (const std::string_view word : words_of(sentence)) ++counts[word];
    for (const auto& [word, count] : counts) ++sentences_with[word];
  }
  for (Weights& weights : all) {
    double squares = 0;
    for (auto& [word, weight] : weights) {
      weight *= std::log((1 + double(sentences.size())) / sentences_with[word]);
      squares += weight * weight;
    }
    for (auto& [word, weight] : weights) weight /= std::sqrt(std::max(squares, 1e-30));
  }
  return all;
}

}  // namespace

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t sign = sentence_end(text, at);
    at += std::max<std::size_t>(1, sign);
    if (sign == 0) continue;
    while (at < text.size() && is_blank(text[at])) ++at;
    sentences.push_back(text.substr(begin, at - begin));
    begin = at;
  }
  if (begin < text.size()) sentences.push_back(text.substr(begin));
  return sentences;
}

std::vector<double> centrality_of(const std::vector<std::string_view>& sentences) {
  const std::vector<Weights> all = weights_of(sentences);
  Weights mean;
  for (const Weights& weights : all)
    for (const auto& [word, weight] : weights) mean[word] += weight;
  std::vector<double> near;
  for (const Weights& weights : all) {
    double product = 0;
    for (const auto& [word, weight] : weights) product += weight * mean[word];
    near.push_back(product);
  }
  return near;
}

std::vector<double> bm25_scores(const std::vector<std::string_view>& sentences,
                                const std::vector<std::string_view>& query) {
  constexpr double kSaturation = 1.2, kLength = 0.75;  // k1 and b
  std::vector<Weights> counts;
  Weights sentences_with;
  double all_words = 0;
  for (const std::string_view sentence : sentences) {
    Weights& own = counts.emplace_back();
    for (const std::string_view word : words_of(sentence)) ++own[word];
    for (const auto& [word, count] : own) {
      ++sentences_with[word];
      all_words += count;
    }
  }
  const auto number = double(sentences.size());
  std::vector<double> scores;
  for (const Weights& own : counts) {
    double length = 0, score = 0;
    for (const auto& [word, count] : own) length += count;
    const double relative = all_words > 0 ? length * number / all_words : 1;
    for (const std::string_view word : query) {
      const auto found = own.find(word);
      if (found == own.end()) continue;
      const double with = sentences_with[word];
      const double idf = std::log(1 + (number - with + 0.5) / (with + 0.5));
      score += idf * found->second * (kSaturation + 1) /
               (found->second + kSaturation * (1 - kLength + kLength * relative));
    }
    scores.push_back(score);
  }
  return scores;
}

}  // namespace fovea::memctl
