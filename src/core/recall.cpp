#include "fovea/recall.h"

#include <array>

#include "fovea/error.h"

namespace fovea {

std::string_view name_of(Source source) {
  constexpr std::array<std::string_view, 3> kNames = {"tokens", "archive", "automatic"};
  return kNames[static_cast<std::size_t>(source)];
}

Source source_from_name(std::string_view name) {
  if (name == "tokens") return Source::tokens;
  if (name == "archive") return Source::archive;
  if (name == "automatic" || name == "auto") return Source::automatic;
  throw Error(ErrorCode::invalid_argument,
              "source \"" + std::string(name) + "\": expected tokens, archive or automatic");
}

std::string_view name_of(Origin origin) {
  constexpr std::array<std::string_view, 5> kNames = {"decoded", "corrected", "anchor", "archive",
                                                      "verbatim"};
  return kNames[static_cast<std::size_t>(origin)];
}

std::string_view name_of(RecalledFrom from) {
  constexpr std::array<std::string_view, 4> kNames = {"tokens", "corrected", "archive", "verbatim"};
  return kNames[static_cast<std::size_t>(from)];
}

}  // namespace fovea
