#pragma once

#include <cstdint>
#include <vector>

#include <nanobind/nanobind.h>

/// Whole numbers as Python has them, of any size. What does not fit is an error of ours that names
/// it, not one of the overloads.
namespace fovea::python {

/// Throws Error(not_found) for a number that no page can have.
std::int64_t page_number(const nanobind::int_& number);
std::vector<std::int64_t> page_numbers(const std::vector<nanobind::int_>& numbers);
/// Throws Error(invalid_argument) naming `what` and the range.
std::int64_t whole_number(const nanobind::int_& number, const char* what, std::int64_t least,
                          std::int64_t most);

inline constexpr std::int64_t kMostTokens = 1'000'000'000;
inline constexpr std::int64_t kMostPages = 1'000'000;  // that one call may ask for

}  // namespace fovea::python
