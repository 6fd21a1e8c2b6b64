#include "memctl/checks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "memctl/output.h"

namespace fovea::memctl {
namespace {

std::string shown(std::int64_t number) {
  const std::string digits = grouped(static_cast<std::size_t>(std::abs(number)));
  return number < 0 ? "-" + digits : digits;
}

std::string shown(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

CLI::Validator expecting(const std::string& what, const std::function<bool(const std::string&)>& fits) {
  return {[what, fits](std::string& given) {
            return fits(given)
                       ? std::string()
                       : "expected " + what + ", got " + (given.empty() ? "nothing" : given);
          },
          ""};
}

bool is_whole(const std::string& text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end && number >= least && number <= most;
}

[[noreturn]] void fail_without_value(const std::string& name) {
  throw CLI::ValidationError(name, "the value is empty; is the variable that it comes from unset?");
}

}  // namespace

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  return expecting("a whole number from " + shown(least) + " to " + shown(most),
                   [=](const std::string& text) { return is_whole(text, least, most); });
}

CLI::Validator number(double least, double most) {
  return expecting(
      "a number from " + shown(least) + " to " + shown(most), [=](const std::string& text) {
        double number = NAN;
        const char* end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, number);
        return error == std::errc() && stopped == end && number >= least && number <= most;
      });
}

CLI::Validator columns() {
  static constexpr std::array<std::string_view, 5> kAll = {"64", "80", "106", "128", "160"};
  return expecting("64, 80, 106, 128 or 160 columns", [](const std::string& text) {
    return std::ranges::find(kAll, text) != kAll.end();
  });
}

CLI::Validator page_number() {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return expecting("the number of a page",
                   [](const std::string& text) { return is_whole(text, 0, kMost); });
}

void require_values(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& value : option->results()) {
      if (value.empty()) fail_without_value(option->get_name());
    }
  }
  for (const CLI::App* verb : app.get_subcommands()) require_values(*verb);
}

void require_values(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") return;
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1)
      fail_without_value(std::string(argument.substr(0, argument.size() - 1)));
  }
}

}  // namespace fovea::memctl
