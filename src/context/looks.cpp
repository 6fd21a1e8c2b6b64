#include "context/looks.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/ascii.h"
#include "core/utf8.h"

namespace fovea {
namespace {

constexpr std::array<std::string_view, 46> kTimeWords = {
    "today",    "tomorrow", "yesterday", "tonight",  "morning",  "afternoon", "evening", "night",
    "week",     "weekend",  "month",     "year",     "day",      "days",      "weeks",   "months",
    "years",    "hour",     "hours",     "minute",   "minutes",  "monday",    "tuesday", "wednesday",
    "thursday", "friday",   "saturday",  "sunday",   "january",  "february",  "march",   "april",
    "june",     "july",     "august",    "september", "october", "november",  "december", "ago",
    "since",    "until",    "soon",      "recently", "deadline", "birthday"};

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

struct Signs {
  bool figure = false, time = false, name = false, first_person = false;
};

void see_word(std::string_view word, bool begins_sentence, Signs& signs) {
  std::string small(word);
  std::ranges::transform(small, small.begin(), [](char c) {
    return is_capital(c) ? static_cast<char>(c + 32) : c;
  });
  const bool first = word == "I" || small == "my" || small == "me" || small == "we" ||
                     small == "our" || small == "mine" || small == "us";
  signs.first_person |= first;
  signs.time |= std::ranges::find(kTimeWords, std::string_view(small)) != kTimeWords.end();
  signs.name |= !begins_sentence && is_capital(word.front()) && word != "I";
}

Signs signs_of(std::string_view text) {
  Signs signs;
  bool begins_sentence = true;
  for (std::size_t i = 0; i < text.size();) {
    if (is_letter(text[i])) {
      std::size_t end = i;
      while (end < text.size() && is_letter(text[end])) ++end;
      see_word(text.substr(i, end - i), begins_sentence, signs);
      begins_sentence = false;
      i = end;
      continue;
    }
    signs.figure |= is_digit(text[i]);
    if (text[i] == '.' || text[i] == '!' || text[i] == '?' || text[i] == '\n') begins_sentence = true;
    ++i;
  }
  return signs;
}

}  // namespace

double looks_of(std::string_view text, bool is_assistant) {
  constexpr double kFull = 120, kSign = .3, kQuestion = .5, kAssistant = .3;
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return 0;
  text = text.substr(0, end + 1);
  const auto characters = static_cast<double>(utf8_count(text));
  const Signs signs = signs_of(text);
  double looks = std::min(characters, kFull) / kFull;
  for (const bool sign : {signs.figure, signs.time, signs.name, signs.first_person})
    looks += sign ? kSign : 0;
  if (text.ends_with('?')) looks *= kQuestion;
  return is_assistant ? looks * kAssistant : looks;
}

}  // namespace fovea
