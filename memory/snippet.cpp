#include "memory/snippet.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/display_text.h"
#include "core/utf8.h"
#include "memory/words.h"

namespace fovea {
namespace {

constexpr std::string_view kEllipsis = "…";

/// A word of the text that answers a word of the query.
struct Match {
  std::size_t begin;  ///< byte of what is shown
  std::size_t end;
  std::size_t query_word;
  int weight;  ///< 2 exact, 1 another form of the word
};

/// How well `word` answers `asked`: 2 the same, 1 alike but for its ending, 0 not.
int likeness(std::string_view asked, std::string_view word) {
  if (asked == word) return 2;
  if (asked.size() < 4) return 0;
  const std::size_t stem = std::max<std::size_t>(4, asked.size() - 3);
  return word.substr(0, stem) == asked.substr(0, stem) ? 1 : 0;
}

std::vector<std::string> asked_words(std::string_view query) {
  std::vector<std::string> asked;
  for (Term& term : terms_asked(query)) {
    if (std::ranges::find(asked, term.text) == asked.end()) asked.push_back(std::move(term.text));
  }
  return asked;
}

std::vector<Match> find_matches(std::string_view text, const DisplayText& shown,
                                const std::vector<std::string>& asked) {
  std::vector<Match> matches;
  for (const Term& term : terms_of(text)) {
    Match best{shown.at[term.begin], shown.at[term.begin + term.length], 0, 0};
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const int weight = likeness(asked[i], term.text);
      if (weight > best.weight) best = {best.begin, best.end, i, weight};
    }
    if (best.weight > 0) matches.push_back(best);
  }
  std::ranges::sort(matches, {}, &Match::begin);
  return matches;
}

/// Sum over the query's words of their best match in the window; long words tell more.
double worth(const std::vector<Match>& matches, std::size_t first, std::size_t last,
             const std::vector<std::string>& asked) {
  std::vector<double> best(asked.size(), 0);
  for (std::size_t i = first; i <= last; ++i) {
    const Match& match = matches[i];
    const auto length =
        static_cast<double>(std::min<std::size_t>(asked[match.query_word].size(), 12));
    best[match.query_word] = std::max(best[match.query_word], match.weight * (1 + length));
  }
  double sum = 0;
  for (const double value : best) sum += value;
  return sum;
}

/// The stretch of bytes, from match to match, that has the most of the query in `width` bytes.
std::pair<std::size_t, std::size_t> best_stretch(const std::vector<Match>& matches,
                                                 const std::vector<std::string>& asked,
                                                 std::size_t width) {
  std::pair<std::size_t, std::size_t> best{0, 0};
  double best_worth = 0;
  for (std::size_t first = 0, last = 0; first < matches.size(); ++first) {
    last = std::max(last, first);
    while (last + 1 < matches.size() && matches[last + 1].end - matches[first].begin <= width)
      ++last;
    const double value = worth(matches, first, last, asked);
    if (value > best_worth) {
      best_worth = value;
      best = {matches[first].begin, matches[last].end};
    }
  }
  return best;
}

/// Moves `begin` back and `end` on until about `width` characters lie between them.
void widen(std::string_view text, std::size_t width, std::size_t& begin, std::size_t& end) {
  const auto continues = [&](std::size_t at) {
    return at < text.size() && utf8_is_continuation(text[at]);
  };
  std::size_t characters = 0;
  for (std::size_t i = begin; i < end; ++i) characters += continues(i) ? 0 : 1;
  std::size_t before = characters < width ? (width - characters) / 3 : 0;
  for (; before > 0 && begin > 0; --before, ++characters) {
    do --begin;
    while (begin > 0 && continues(begin));
  }
  for (; characters < width && end < text.size(); ++characters) {
    do ++end;
    while (end < text.size() && continues(end));
  }
}

/// Drops the parts of words at the stretch's ends, unless that would drop much.
void trim_to_words(std::string_view text, std::size_t& begin, std::size_t& end) {
  constexpr std::size_t kMaxPart = 24;
  if (begin > 0 && text[begin - 1] != ' ') {
    const std::size_t space = text.find(' ', begin);
    if (space < end && space - begin <= kMaxPart) begin = space + 1;
  }
  if (end < text.size() && text[end] != ' ') {
    const std::size_t space = text.rfind(' ', end - 1);
    if (space != std::string_view::npos && space > begin && end - space <= kMaxPart) end = space;
  }
}

std::string without_end_spaces(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  return std::string(text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
}

}  // namespace

Snippet make_snippet(std::string_view text, std::string_view query, std::size_t width) {
  const DisplayText shown = display_text(text);
  const std::vector<std::string> asked = asked_words(query);
  const std::vector<Match> matches = find_matches(text, shown, asked);
  std::set<std::size_t> found;
  for (const Match& match : matches) found.insert(match.query_word);

  auto [begin, end] = best_stretch(matches, asked, width);
  const std::pair match{begin, end};
  widen(shown.text, width, begin, end);
  trim_to_words(shown.text, begin, end);
  if (match.second > match.first) {  // never without what was found
    begin = std::min(begin, match.first);
    end = std::max(end, match.second);
  }

  Snippet snippet{
      .text = without_end_spaces(std::string_view(shown.text).substr(begin, end - begin)),
      .words_found = found.size()};
  if (begin > 0) snippet.text.insert(0, kEllipsis);
  if (end < shown.text.size()) snippet.text += kEllipsis;
  return snippet;
}

}  // namespace fovea
