#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/error.h"

namespace fovea {

/// Levels that lists and objects of a file may nest. Copying, printing and freeing deeper values
/// would take more stack than a thread has.
inline constexpr int kMostJsonLevels = 1000;

/// Throws Error(corruption) naming the line where `json` nests deeper than kMostJsonLevels.
void require_few_levels(std::string_view json, const std::string& name);

/// What nlohmann's exceptions say, without the number of their kind.
std::string reason_of(const std::exception& error);

/// Parses a whole file, which errors call `name`. Throws Error(corruption) saying where it is no
/// JSON, nests too deeply, or has a number too large for any type.
template <class Json>
Json read_json(std::string_view text, const std::string& name) {
  require_few_levels(text, name);
  try {
    return Json::parse(text);
  } catch (const typename Json::exception& error) {
    throw Error(ErrorCode::corruption, name + ": not valid JSON: " + reason_of(error));
  }
}

/// The whole number that `value` is; nothing when it is none, or is not from `least` to `most`.
/// (nlohmann's `get<int>` cuts what does not fit, which is undefined where it was a fraction.)
template <class Json>
std::optional<std::int64_t> whole_number(const Json& value, std::int64_t least, std::int64_t most) {
  if (!value.is_number_integer()) return {};
  if (value.is_number_unsigned() && value.template get<std::uint64_t>() > INT64_MAX) return {};
  const auto number = value.template get<std::int64_t>();
  if (number < least || number > most) return {};
  return number;
}

}  // namespace fovea
