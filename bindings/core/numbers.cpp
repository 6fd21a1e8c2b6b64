#include "bindings/core/numbers.h"

#include <optional>
#include <string>

#include "fovea/error.h"

namespace fovea::python {
namespace {

/// Nothing for a number of more than 64 bits.
std::optional<std::int64_t> small(const nanobind::int_& number) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow != 0) return {};
  return value;
}

std::string digits_of(const nanobind::int_& number) {
  constexpr std::size_t kShown = 40;
  const std::string digits = nanobind::str(number).c_str();
  return digits.size() <= kShown ? digits : digits.substr(0, kShown) + "...";
}

}  // namespace

std::int64_t page_number(const nanobind::int_& number) {
  if (const auto value = small(number)) return *value;
  throw Error(ErrorCode::not_found, "no page " + digits_of(number) + ": page numbers have 64 bits");
}

std::vector<std::int64_t> page_numbers(const std::vector<nanobind::int_>& numbers) {
  std::vector<std::int64_t> pages;
  for (const nanobind::int_& number : numbers) pages.push_back(page_number(number));
  return pages;
}

std::int64_t whole_number(const nanobind::int_& number, const char* what, std::int64_t least,
                          std::int64_t most) {
  const auto value = small(number);
  if (value && *value >= least && *value <= most) return *value;
  throw Error(ErrorCode::invalid_argument, std::string(what) + ": expected a whole number from " +
                                               std::to_string(least) + " to " +
                                               std::to_string(most) + ", got " + digits_of(number));
}

}  // namespace fovea::python
