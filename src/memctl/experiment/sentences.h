#pragma once

#include <string_view>
#include <vector>

namespace fovea::memctl {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Sentences and lines, each with the blanks after it; together they are the text.
std::vector<std::string_view> sentences_of(std::string_view text);

/// How near each sentence is to the mean of all, by TF-IDF over them.
std::vector<double> centrality_of(const std::vector<std::string_view>& sentences);

/// How well each sentence answers the query, by BM25 over the sentences (k1 1.2, b 0.75).
std::vector<double> bm25_scores(const std::vector<std::string_view>& sentences,
                                const std::vector<std::string_view>& query);

}  // namespace fovea::memctl
