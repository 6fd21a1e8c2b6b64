// What a text costs in tokens of a large model, without its tokenizer: the text is cut into words,
// digits, punctuation and white space, and each kind costs what least squares gave it against
// DeepSeek's tokenizer (bench/fit_text_tokens.py; 3,000 pieces of prose, dialogues, Chinese, source
// code, JSON, logs and documentation). On agent transcripts that the fit never saw, sums are off by
// 1 to 3 %, pieces of 2 KB by 4 to 7 %.

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "fovea/measure.h"
#include "measure/accuracy.h"
#include "measure/text_tokens.h"

namespace fovea {
namespace {

// Words by their letters; `inner`: the parts of a word after a small letter ("fileName"); `capital`:
// parts of capitals only. What is longer than the table costs `*Rest` for each letter more.
constexpr std::array kWord = {0.0,   0.891, 0.842, 1.006, 1.051, 1.254, 1.045,
                              1.293, 1.095, 1.929, 1.269, 1.612, 1.454};
constexpr std::array kInner = {0.0, 1.432, 1.779, 1.352, 1.460, 0.842, 1.166, 0.638};
constexpr std::array kCapital = {0.0, 1.000, 1.164, 1.101, 1.712, 1.797};
constexpr double kWordRest = 0.141, kInnerRest = 0.000, kCapitalRest = 0.310;

constexpr double kBesideDigit = 0.659;  // a word that touches a digit, as in ids and hashes
constexpr double kBesideDigitLetter = 0.177;
constexpr double kDigitGroup = 1.103;  // three digits
constexpr double kSpaceBeforeDigit = 1.141;
constexpr double kPunctBeforeWord = 0.708;  // a single sign
constexpr double kPunctRun = 0.901;
constexpr double kPunctMore = 0.073;    // each sign after a run's first
constexpr double kPunctChange = 0.174;  // each sign unlike the one before it
constexpr double kNewlineAfterPunct = 0.089;
constexpr double kNewline = 0.437;
constexpr double kNewlineMore = 0.327;
constexpr double kSpaceRun = 0.977;  // two spaces and more, or a tab
constexpr double kSpaceMore = 0.006;
constexpr double kIdeograph = 0.731;
constexpr double kKanaHangul = 2.653;
constexpr double kWidePunct = 0.000;  // joins the ideographs beside it
constexpr double kLatinLetter = 2.933;  // beyond ASCII
constexpr double kOtherLetter = 0.419;
constexpr double kOtherWord = 0.068;  // a word with letters beyond ASCII
constexpr double kSymbol = 1.028;
constexpr double kAstral = 3.579;  // emoji and what else lies beyond U+FFFF
constexpr double kOther = 2.215;   // control characters, bytes that are not UTF-8

enum class Kind {
  small, capital, latin, letter,  // those of words
  digit, space, newline, punct, ideograph, kana, wide_punct, symbol, astral, other
};

Kind ascii_kind(char32_t c) {
  if (c >= 'a' && c <= 'z') return Kind::small;
  if (c >= 'A' && c <= 'Z') return Kind::capital;
  if (c >= '0' && c <= '9') return Kind::digit;
  if (c == ' ' || c == '\t') return Kind::space;
  if (c == '\n' || c == '\r') return Kind::newline;
  return c > ' ' && c < 0x7F ? Kind::punct : Kind::other;
}

bool within(char32_t c, char32_t begin, char32_t end) { return c >= begin && c < end; }

Kind kind_of(char32_t c) {
  if (c < 0x80) return ascii_kind(c);
  if (c < 0xA0 || within(c, 0xD800, 0xE000)) return Kind::other;
  if (c < 0xC0 || c == 0xD7 || c == 0xF7 || within(c, 0x2000, 0x2E80)) return Kind::symbol;
  if (c < 0x250) return Kind::latin;
  if (within(c, 0x3000, 0x3040) || within(c, 0xFF00, 0xFFF0)) return Kind::wide_punct;
  if (within(c, 0x3040, 0x3200) || within(c, 0xAC00, 0xD7B0)) return Kind::kana;
  if (within(c, 0x2E80, 0xA000) || within(c, 0xF900, 0xFB00)) return Kind::ideograph;
  return c < 0x10000 ? Kind::letter : Kind::astral;
}

bool is_letter(Kind kind) { return kind <= Kind::letter; }
bool same_run(Kind a, Kind b) { return a == b || (is_letter(a) && is_letter(b)); }

template <std::size_t N>
double by_length(const std::array<double, N>& table, std::size_t length, double rest) {
  return length < N ? table[length] : table.back() + rest * static_cast<double>(length - (N - 1));
}

double part_cost(std::u32string_view part, bool inner) {
  bool capitals = part.size() > 1;
  for (char32_t c : part) capitals = capitals && kind_of(c) == Kind::capital;
  if (capitals) return by_length(kCapital, part.size(), kCapitalRest);
  return inner ? by_length(kInner, part.size(), kInnerRest)
               : by_length(kWord, part.size(), kWordRest);
}

double ascii_word_cost(std::u32string_view word, bool beside_digit) {
  if (beside_digit) return kBesideDigit + kBesideDigitLetter * static_cast<double>(word.size());
  double cost = 0;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= word.size(); ++i) {
    const bool part_ends = i == word.size() || (kind_of(word[i]) == Kind::capital &&
                                                kind_of(word[i - 1]) != Kind::capital);
    if (!part_ends) continue;
    cost += part_cost(word.substr(begin, i - begin), begin > 0);
    begin = i;
  }
  return cost;
}

double word_cost(std::u32string_view word, bool beside_digit, const TextRates& rates) {
  std::u32string ascii;
  double cost = 0;
  for (char32_t c : word) {
    const Kind kind = kind_of(c);
    if (kind == Kind::latin) cost += kLatinLetter * rates.accents;
    if (kind == Kind::letter) cost += kOtherLetter * rates.letters;
    if (c < 0x80) ascii += c;
  }
  if (ascii.size() < word.size()) cost += kOtherWord;
  return ascii.empty() ? cost : cost + rates.words * ascii_word_cost(ascii, beside_digit);
}

double punct_cost(std::u32string_view run, bool before_word) {
  if (run.size() == 1 && before_word) return kPunctBeforeWord;
  double cost = kPunctRun;
  for (std::size_t i = 1; i < run.size(); ++i) {
    cost += kPunctMore + (run[i] != run[i - 1] ? kPunctChange : 0);
  }
  return cost;
}

double space_cost(std::u32string_view run, bool before_digit) {
  if (run.size() == 1 && run[0] == ' ') return before_digit ? kSpaceBeforeDigit : 0;
  return kSpaceRun + kSpaceMore * static_cast<double>(run.size() - 1);
}

double run_cost(std::u32string_view run, Kind kind, Kind before, Kind after,
                const TextRates& rates) {
  const auto length = static_cast<double>(run.size());
  switch (kind) {
    case Kind::digit: return rates.digits * kDigitGroup * std::ceil(length / 3);
    case Kind::space: return rates.words * space_cost(run, after == Kind::digit);
    case Kind::newline:
      return rates.words *
             ((before == Kind::punct ? kNewlineAfterPunct : kNewline) + kNewlineMore * (length - 1));
    case Kind::punct: return rates.words * punct_cost(run, is_letter(after));
    case Kind::ideograph: return rates.ideographs * kIdeograph * length;
    case Kind::kana: return rates.kana_hangul * kKanaHangul * length;
    case Kind::wide_punct: return std::max(kWidePunct, rates.wide_signs) * length;
    case Kind::symbol: return rates.symbols * kSymbol * length;
    case Kind::astral: return rates.symbols * kAstral * length;
    case Kind::other: return rates.symbols * kOther * length;
    default: return word_cost(run, before == Kind::digit || after == Kind::digit, rates);
  }
}

}  // namespace

double text_cost(std::string_view text, const TextRates& rates) {
  const std::u32string characters = characters_of(text);
  const std::u32string_view all = characters;
  double cost = 0;
  Kind before = Kind::other;
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    const Kind kind = kind_of(all[begin]);
    for (end = begin + 1; end < all.size() && same_run(kind, kind_of(all[end]));) ++end;
    const Kind after = end < all.size() ? kind_of(all[end]) : Kind::other;
    cost += run_cost(all.substr(begin, end - begin), kind, before, after, rates);
    before = kind;
  }
  return cost;
}

std::size_t count_text_tokens(std::string_view text) {
  return static_cast<std::size_t>(std::llround(text_cost(text)));
}

}  // namespace fovea
