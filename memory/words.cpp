#include "memory/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/signs.h"
#include "memory/written_escapes.h"

namespace fovea {
namespace {

constexpr std::int32_t kAsciiEnd = 0x80;     // most text is below it: no table is asked there
constexpr std::size_t kLongestName = 64;     // beyond, capital letters are chance: base64
constexpr std::int32_t kZeroWidthSpace = 0x200b;

struct Range {
  std::int32_t first;
  std::int32_t last;
};

constexpr std::array kAloneRanges = {
    Range{0x0e00, 0x0eff},    // Thai, Lao
    Range{0x1000, 0x109f},    // Myanmar
    Range{0x1780, 0x17ff},    // Khmer
    Range{0x3040, 0x30ff},    // Hiragana, Katakana
    Range{0x31f0, 0x31ff},    // Katakana extensions
    Range{0x3400, 0x4dbf},    // Han
    Range{0x4e00, 0x9fff},    // Han
    Range{0xac00, 0xd7a3},    // Hangul
    Range{0xf900, 0xfaff},    // Han compatibility
    Range{0xff66, 0xff9f},    // halfwidth Katakana
    Range{0x20000, 0x3ffff},  // Han
};

bool is_word_character(std::int32_t code_point) {
  if (code_point < 0) return false;
  if (code_point < kAsciiEnd) {
    const std::int32_t lower = code_point | 0x20;
    return (lower >= 'a' && lower <= 'z') || (code_point >= '0' && code_point <= '9');
  }
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

bool is_word_alone(std::int32_t code_point) {
  const auto holds = [code_point](Range range) {
    return range.first <= code_point && code_point <= range.last;
  };
  return code_point >= kAloneRanges[0].first && std::ranges::any_of(kAloneRanges, holds) &&
         is_word_character(code_point);
}

bool is_mark(std::int32_t code_point) {
  if (code_point < kAsciiEnd) return false;
  const auto category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

/// A mark that a word is another word without: the vowels of India's scripts and their like.
bool is_vowel_sign(std::int32_t code_point) {
  return (code_point >= 0x0900 && code_point < 0x1ab0) ||
         (code_point >= 0xa800 && code_point < 0xac00) || code_point >= 0x11000;
}

bool is_upper(std::int32_t code_point) {
  if (code_point < kAsciiEnd) return code_point >= 'A' && code_point <= 'Z';
  const auto category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}

bool is_lower(std::int32_t code_point) {
  if (code_point < kAsciiEnd) return code_point >= 'a' && code_point <= 'z';
  return utf8proc_category(code_point) == UTF8PROC_CATEGORY_LL;
}

void append(std::string& to, std::int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const auto length = utf8proc_encode_char(code_point, bytes.data());
  to.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

void append_folded(std::string& to, std::int32_t code_point) {
  if (code_point < kAsciiEnd) {
    to += static_cast<char>(code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point);
    return;
  }
  std::array<utf8proc_int32_t, 32> parts;
  int boundary = 0;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_COMPAT);
  const auto count =
      utf8proc_decompose_char(code_point, parts.data(), parts.size(), options, &boundary);
  for (utf8proc_ssize_t i = 0; i < count && i < std::ssize(parts); ++i) {
    const bool kept = is_mark(parts[i]) ? is_vowel_sign(parts[i]) : is_word_character(parts[i]);
    if (kept) append(to, parts[i]);
  }
}

/// Cuts signs into terms.
class Cutter {
 public:
  std::vector<Term> terms_of(const std::vector<Sign>& signs) && {
    for (const Sign& sign : signs) take(sign);
    close();
    return std::move(terms_);
  }

 private:
  struct Letter {
    Sign sign;
    bool after_seam;
  };

  void take(const Sign& sign) {
    if (is_word_alone(sign.value)) {
      close();
      terms_.push_back({.begin = sign.begin, .length = sign.end - sign.begin, .place = place_++, .alone = true});
      append(terms_.back().text, sign.value);
    } else if (is_word_character(sign.value) || (is_mark(sign.value) && !name_.empty())) {
      name_.push_back({sign, seam_ && !name_.empty()});
      seam_ = false;
    } else if (sign.value == '_' || sign.value == kSeam || sign.value == kZeroWidthSpace) {
      seam_ = true;
    } else if (!is_invisible(sign.value)) {
      close();
    }
  }

  /// Whether a part of the name begins at letter `i` > 0: "parse|Header", "HTTP|Server".
  bool begins_part(std::size_t i) const {
    if (name_[i].after_seam) return true;
    if (name_.size() > kLongestName || !is_upper(name_[i].sign.value)) return false;
    std::size_t before = i - 1;
    while (before > 0 && is_mark(name_[before].sign.value)) --before;
    if (!is_upper(name_[before].sign.value)) return true;
    return i + 1 < name_.size() && !name_[i + 1].after_seam && is_lower(name_[i + 1].sign.value);
  }

  void close() {
    seam_ = false;
    if (name_.empty()) return;
    const std::size_t first = terms_.size();
    for (std::size_t begin = 0, end = 0; begin < name_.size(); begin = end) {
      for (end = begin + 1; end < name_.size() && !begins_part(end);) ++end;
      add(begin, end, place_);
      place_ = terms_.empty() ? 0 : terms_.back().place + 1;
    }
    if (terms_.size() - first > 1) add_whole(first);
    name_.clear();
  }

  void add(std::size_t begin, std::size_t end, std::size_t place) {
    Term term{.begin = name_[begin].sign.begin, .place = place};
    for (std::size_t i = begin; i < end; ++i) append_folded(term.text, name_[i].sign.value);
    term.length = name_[end - 1].sign.end - term.begin;
    if (!term.text.empty()) terms_.push_back(std::move(term));
  }

  /// The parts from `first` on, joined; it stands behind the first of them.
  void add_whole(std::size_t first) {
    Term whole{.begin = terms_[first].begin, .place = terms_[first].place, .whole = true};
    for (std::size_t i = first; i < terms_.size(); ++i) whole.text += terms_[i].text;
    whole.length = terms_.back().begin + terms_.back().length - whole.begin;
    terms_.insert(terms_.begin() + static_cast<std::ptrdiff_t>(first) + 1, std::move(whole));
  }

  std::vector<Letter> name_;  ///< as far as it has come
  bool seam_ = false;         ///< what comes next is another part of the name
  std::size_t place_ = 0;
  std::vector<Term> terms_;
};

std::vector<Term> terms_as_shown(const std::vector<Sign>& signs) {
  return Cutter().terms_of(on_screen(signs));
}

/// Adds the terms of another reading that `terms` lacks, at the places where they stand in the text.
void add_reading(std::vector<Term>& terms, std::vector<Term> reading) {
  std::vector<const Term*> parts;
  for (const Term& term : terms) {
    if (!term.whole) parts.push_back(&term);
  }
  std::vector<Term> added;
  for (Term& term : reading) {
    const auto is_same = [&](const Term& other) {
      return other.begin == term.begin && other.length == term.length && other.text == term.text;
    };
    const auto from = std::ranges::lower_bound(terms, term.begin, {}, &Term::begin);
    const auto to = std::ranges::upper_bound(terms, term.begin, {}, &Term::begin);
    if (std::any_of(from, to, is_same)) continue;
    const auto part = std::ranges::upper_bound(
        parts, term.begin, {}, [](const Term* other) { return other->begin + other->length; });
    if (part != parts.end())
      term.place = (*part)->place;
    else
      term.place = parts.empty() ? 0 : parts.back()->place;
    added.push_back(std::move(term));
  }
  terms.insert(terms.end(), std::make_move_iterator(added.begin()),
               std::make_move_iterator(added.end()));
  std::ranges::stable_sort(terms, {}, &Term::place);
}

}  // namespace

std::vector<Term> terms_of(std::string_view text) {
  std::vector<Term> terms = terms_as_shown(signs_of(text));
  if (may_have_escapes(text)) add_reading(terms, terms_as_shown(signs_without_escapes(text)));
  return terms;
}

std::vector<Term> terms_asked(std::string_view query) {
  return terms_as_shown(signs_of(query));
}

}  // namespace fovea
