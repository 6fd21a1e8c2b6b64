#include "history/source_ids.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "core/ascii.h"

namespace fovea {
namespace {

/// "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", wherever it stands in the id.
bool has_uuid(std::string_view id) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const auto fits = [](char form, char c) {
    if (form == '-') return c == '-';
    const char lower = static_cast<char>(c | 0x20);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
  };
  for (std::size_t begin = 0; begin + kForm.size() <= id.size(); ++begin) {
    const auto part = id.substr(begin, kForm.size());
    if (std::equal(kForm.begin(), kForm.end(), part.begin(), fits) &&
        std::set<char>(part.begin(), part.end()).size() > 4)
      return true;  // not all zeros
  }
  return false;
}

/// How often digits, small and capital letters follow each other; with `one_case` as letters alike.
std::size_t turns_of(std::string_view run, bool one_case) {
  const auto kind = [&](char c) { return is_digit(c) ? 0 : !one_case && c <= 'Z' ? 1 : 2; };
  std::size_t turns = 0;
  for (std::size_t i = 1; i < run.size(); ++i) turns += kind(run[i]) != kind(run[i - 1]) ? 1 : 0;
  return turns;
}

/// Letters and digits in turn, as chance has them and names and counters do not.
bool is_random(std::string_view run) {
  constexpr std::size_t kLength = 8, kTurns = 3, kLong = 15, kTurnsOfLong = 5, kCharacters = 6;
  if (std::set<char>(run.begin(), run.end()).size() < kCharacters) return false;
  if (std::ranges::all_of(run, is_digit)) return run.size() >= kLong && run.front() != '0';
  if (std::ranges::none_of(run, is_digit)) return false;
  return (run.size() >= kLength && turns_of(run, true) >= kTurns) ||
         (run.size() >= kLong && turns_of(run, false) >= kTurnsOfLong);
}

}  // namespace

bool is_unique_id(std::string_view id) {
  if (has_uuid(id)) return true;
  for (std::size_t begin = 0; begin < id.size();) {
    std::size_t end = begin;
    while (end < id.size() && (is_digit(id[end]) || is_letter(id[end]))) ++end;
    if (is_random(id.substr(begin, end - begin))) return true;
    begin = std::max(end, begin + 1);
  }
  return false;
}

}  // namespace fovea
