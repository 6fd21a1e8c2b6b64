#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <CLI/CLI.hpp>

namespace fovea::memctl {

inline constexpr std::int64_t kMostTokens = 1'000'000'000;
inline constexpr std::int64_t kMostPages = 1'000'000;  // that one call may ask for

/// Checks an option or argument before it is converted. Its error says what came and what was
/// expected: "--budget: expected a whole number from 1 to 1,000,000,000, got abc".
CLI::Validator whole_number(std::int64_t least, std::int64_t most);
CLI::Validator number(double least, double most);
/// Those of a page: its density.
CLI::Validator columns();
/// The number of a page; 0 stands for the text that fills none yet.
CLI::Validator page_number();

/// Throws CLI::ValidationError for an option or argument that was given without anything in it, as
/// "--store=$UNSET" is.
void require_values(const CLI::App& app);
/// The same for "--store=" before CLI11 takes the next argument for its value; `count`, `arguments`:
/// of main.
void require_values(int count, char** arguments);

}  // namespace fovea::memctl
