#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace fovea::memctl {

/// The reader of our output went away: nothing to complain about.
struct BrokenPipe : std::runtime_error {
  BrokenPipe() : std::runtime_error("the reader of the output went away") {}
};

/// Writes to stdout; to a terminal without control sequences, unless `pass_controls` was called.
/// Throws BrokenPipe, or Error(io) when the output cannot be written.
void write_out(std::string_view text);
void pass_controls();
/// One line to stderr, after "memctl: "; line ends and control characters in it are escaped.
void say(const std::string& line);

/// Indented JSON; bytes that are not UTF-8 become U+FFFD.
std::string to_text(const nlohmann::ordered_json& document);
/// The same on one line, without its end.
std::string line_of(const nlohmann::ordered_json& document);

template <typename T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

/// 1234567 as "1,234,567".
std::string grouped(std::size_t number);
/// A number with `digits` after the point.
std::string fixed(double number, int digits);
/// 0.9876 as "98.76 %".
std::string percent(double share, int digits = 2);
/// "12 pages", "1 page"
std::string counted(std::size_t number, const std::string& thing);

}  // namespace fovea::memctl
