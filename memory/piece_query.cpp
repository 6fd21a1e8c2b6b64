#include "memory/piece_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <set>
#include <unordered_set>

#include "core/utf8.h"
#include "memory/stop_words.h"
#include "memory/words.h"

namespace fovea {
namespace {

constexpr double kNameWeight = .15;
constexpr std::size_t kMostTerms = 64;  // FTS5 walks its index once a term
constexpr std::size_t kMostPhrases = 16;

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

/// A stretch of a question that stood between quotes.
struct Quoted {
  std::size_t begin = 0;  ///< behind the opening one
  std::size_t end = 0;    ///< of the closing one
};

/// " and its typographic forms; each pair opens and closes, one alone is none.
std::vector<Quoted> quoted_in(std::string_view question) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPairs = {
      {{"\"", "\""}, {"\u201c", "\u201d"}, {"\u201e", "\u201c"}}};
  std::vector<Quoted> found;
  for (std::size_t at = 0; at < question.size();) {
    const auto rest = question.substr(at);
    const auto opening = std::ranges::find_if(
        kPairs, [&](const auto& pair) { return rest.starts_with(pair.first); });
    std::size_t next = at + 1;
    if (opening != kPairs.end()) {
      const std::size_t begin = at + opening->first.size();
      const std::size_t end = question.find(opening->second, begin);
      if (end != std::string_view::npos) {
        found.push_back({begin, end});
        next = end + opening->second.size();
      }
    }
    at = next;
  }
  return found;
}

int number_of(const std::string& word) {
  std::string_view digits = word;
  for (const char* ending : {"st", "nd", "rd", "th"}) {
    if (digits.size() > 2 && digits.ends_with(ending)) digits.remove_suffix(2);
  }
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : -1;
}

/// 1 to 12, 0: the word names no month. Short forms have three letters, or "sept".
int month_of(const std::string& word) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (word == kMonths[i] || (word.size() == 3 && kMonths[i].starts_with(word)) ||
        (i == 8 && word == "sept"))
      return static_cast<int>(i) + 1;
  }
  return 0;
}

QueryTerm term_of(const std::string& terms, bool is_phrase, double weight, bool is_prefix) {
  return {'"' + terms + (is_prefix ? "\" *" : "\""), is_phrase ? std::string() : terms, weight, terms,
          is_prefix};
}

/// The words of a question and what becomes of them.
class Reader {
 public:
  Reader(std::string_view question, const std::vector<const PieceIndex*>& scopes)
      : question_(question), scopes_(scopes), quoted_(quoted_in(question)) {
    for (Term& term : terms_asked(question)) (term.whole ? wholes_ : words_).push_back(std::move(term));
  }

  PieceQuery read() {
    read_names();
    for (const Quoted& quoted : quoted_) add_phrase(quoted);
    for (std::size_t begin = 0, end = 0; begin < words_.size(); begin = end) {
      for (end = begin + 1; end < words_.size() && together(end - 1, end);) ++end;
      add_group(begin, end);
    }
    for (const Term& whole : wholes_) add_term(whole.text, 1, false, is_prefix(whole));
    if (query_.terms.empty()) {
      for (std::size_t i = 0; i < words_.size(); ++i) add(i, i + 1, 1);
    }
    read_date();
    return std::move(query_);
  }

  std::string without_names() {
    read_names();
    std::string rest;
    std::size_t at = 0;
    for (const Term& word : words_) {
      if (word.begin < at || !names_.contains(word.text)) continue;
      rest += question_.substr(at, word.begin - at);
      at = word.begin + word.length;
      for (const std::string_view ending : {"'s", "\u2019s"}) {
        if (question_.substr(at).starts_with(ending)) at += ending.size();
      }
    }
    rest += question_.substr(at);
    return terms_asked(rest).empty() ? std::string(question_) : rest;
  }

 private:
  /// A star stands behind it, and nothing of a word behind that.
  bool is_prefix(const Term& term) const {
    const std::size_t end = term.begin + term.length;
    if (end >= question_.size() || question_[end] != '*' || term.alone) return false;
    if (utf8_count(term.text) < 2) return false;
    return end + 1 == question_.size() ||
           std::string_view(" \t\r\n\"),.;:!?").find(question_[end + 1]) != std::string_view::npos;
  }

  /// The quote that a word stands in; nothing: in none.
  const Quoted* quote_of(const Term& term) const {
    const auto holds = [&](const Quoted& quoted) {
      return term.begin >= quoted.begin && term.begin < quoted.end;
    };
    const auto found = std::ranges::find_if(quoted_, holds);
    return found == quoted_.end() ? nullptr : &*found;
  }

  void add_phrase(const Quoted& quoted) {
    std::string terms;
    std::size_t count = 0;
    bool begins = false;
    for (const Term& word : words_) {
      if (quote_of(word) != &quoted) continue;
      terms.append(terms.empty() ? "" : " ").append(word.text);
      begins = is_prefix(word);
      ++count;
    }
    if (count == 0 || query_.phrases.size() == kMostPhrases) return;
    query_.phrases.push_back(term_of(terms, count > 1, 1, begins));
    add_term(terms, 1, count > 1, begins);
  }

  /// Nothing blank stands between the words, nor a quote.
  bool together(std::size_t left, std::size_t right) const {
    if (quote_of(words_[left]) != quote_of(words_[right])) return false;
    const std::size_t end = words_[left].begin + words_[left].length;
    const auto between = question_.substr(end, words_[right].begin - std::min(words_[right].begin, end));
    return std::ranges::none_of(between, [](char c) { return c >= 0 && c <= ' '; });
  }
  /// Signs of identifiers, paths and addresses, not those of prose.
  bool is_joined(std::size_t left, std::size_t right) const {
    const std::size_t end = words_[left].begin + words_[left].length;
    const auto between = question_.substr(end, words_[right].begin - std::min(words_[right].begin, end));
    return std::ranges::all_of(between, [](char c) {
      return std::string_view("._/-:@#\\+=").find(c) != std::string_view::npos;
    });
  }

  void add_group(std::size_t begin, std::size_t end) {
    if (words_[begin].alone) return add_pairs(begin, end);
    std::size_t phrase = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (words_[i].alone) return add_pairs(i, end);
      const std::string& word = words_[i].text;
      if (utf8_count(word) >= 2 && !is_stop_word(word))
        add(i, i + 1, names_.contains(word) ? kNameWeight : 1);
      const bool goes_on = i + 1 < end && is_joined(i, i + 1);
      if (goes_on) continue;
      if (i > phrase) add(phrase, i + 1, 1);
      phrase = i + 1;
    }
  }

  /// A single character of these scripts says little, and a whole sentence is found nowhere.
  void add_pairs(std::size_t begin, std::size_t end) {
    if (end - begin == 1) return add(begin, end, 1);
    for (std::size_t i = begin; i + 1 < end; ++i) add(i, i + 2, 1);
  }

  void add(std::size_t begin, std::size_t end, double weight) {
    std::string folded;
    for (std::size_t i = begin; i < end; ++i) {
      folded.append(folded.empty() ? "" : " ").append(words_[i].text);
    }
    add_term(folded, weight, end > begin + 1, is_prefix(words_[end - 1]));
  }

  void add_term(const std::string& terms, double weight, bool is_phrase, bool is_prefix) {
    if (query_.terms.size() >= kMostTerms || !seen_.insert(terms + (is_prefix ? "*" : "")).second) return;
    query_.terms.push_back(term_of(terms, is_phrase, weight, is_prefix));
  }

  /// A speaker is named by any word of their name.
  void read_names() {
    std::unordered_set<std::string> asked;
    for (const Term& word : words_) asked.insert(word.text);
    std::set<std::string> named;
    for (const PieceIndex* scope : scopes_) {
      for (const Voice& voice : scope->voices) {
        if (!scope->is_speaker(voice)) continue;
        for (const Term& word : terms_asked(voice.speaker)) {
          if (!asked.contains(word.text)) continue;
          names_.insert(word.text);
          named.insert(voice.speaker);
        }
      }
    }
    if (named.size() == 1) query_.speaker = *named.begin();
  }

  /// "may" is a month only beside a preposition or a number.
  bool is_month(std::size_t i) const {
    if (month_of(words_[i].text) != 5 || words_[i].text.size() > 3) return true;
    static constexpr std::array<std::string_view, 10> kBefore = {
        "in", "of", "on", "during", "since", "until", "by", "before", "after", "last"};
    const auto is_number = [&](std::size_t at) { return number_of(words_[at].text) > 0; };
    if (i > 0 && (is_number(i - 1) || std::ranges::find(kBefore, std::string_view(
                                          words_[i - 1].text)) != kBefore.end()))
      return true;
    return i + 1 < words_.size() && is_number(i + 1);
  }

  void read_date() {
    std::set<int> months;
    std::size_t at = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const int month = month_of(words_[i].text);
      if (month == 0 || !is_month(i)) continue;
      months.insert(month);
      at = i;
    }
    if (months.size() != 1) return;
    query_.month = *months.begin();
    for (std::size_t i = at > 2 ? at - 2 : 0; i < std::min(words_.size(), at + 3); ++i) {
      const int number = number_of(words_[i].text);
      if (number >= 1 && number <= 31) query_.day = number;
    }
  }

  std::string_view question_;
  std::vector<Term> words_;   ///< of names the parts
  std::vector<Term> wholes_;  ///< names of several parts
  const std::vector<const PieceIndex*>& scopes_;
  std::vector<Quoted> quoted_;
  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> seen_;
  PieceQuery query_;
};

}  // namespace

PieceQuery piece_query(std::string_view question, const std::vector<const PieceIndex*>& scopes) {
  return Reader(question, scopes).read();
}

std::string telling_words(std::string_view question) {
  std::string words;
  for (const QueryTerm& term : piece_query(question, {}).terms) {
    if (!term.word.empty()) words.append(words.empty() ? "" : " ").append(term.word);
  }
  return words;
}

std::string without_names(std::string_view question,
                          const std::vector<const PieceIndex*>& scopes) {
  return Reader(question, scopes).without_names();
}

bool has_phrases(std::string_view question) { return !piece_query(question, {}).phrases.empty(); }

Date date_of(Time time) {
  using namespace std::chrono;
  const year_month_day date(floor<days>(sys_seconds(seconds(time))));
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

std::string_view month_name(int month) {
  return kMonths.at(static_cast<std::size_t>(month - 1));
}

}  // namespace fovea
