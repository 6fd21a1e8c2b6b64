#include "fovea/policy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "fovea/error.h"

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;

struct Unit {
  std::string_view name;
  std::int64_t seconds;
};
constexpr std::array kUnits = {Unit{"w", 604'800}, Unit{"d", 86'400}, Unit{"h", 3'600},
                               Unit{"m", 60}, Unit{"s", 1}};
constexpr std::int64_t kLongest = 1'000'000'000'000;  // seconds: longer than anyone waits

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, "policy: " + what);
}

std::string_view shape_of(const Json& value) {
  return value.type_name();
}

/// Seconds of "90s", "15m", "1h", "1d", "2w", or of a plain number of seconds.
std::int64_t parse_duration(const Json& value, const std::string& key) {
  const std::string expected =
      key +
      ": expected a duration such as \"90s\", \"15m\", \"1h\", \"1d\" or \"2w\", or seconds, got " +
      value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (value.is_number_integer()) {
    const auto seconds = value.get<std::int64_t>();
    if (seconds < 0 || seconds > kLongest) refuse(expected);
    return seconds;
  }
  if (!value.is_string()) refuse(expected);
  const auto& text = value.get_ref<const std::string&>();
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = std::ranges::find(kUnits, std::string_view(text).substr(digits), &Unit::name);
  if (digits == 0 || digits > 12 || unit == kUnits.end()) refuse(expected);
  const std::int64_t seconds = std::stoll(text.substr(0, digits)) * unit->seconds;
  if (seconds > kLongest) refuse(expected);
  return seconds;
}

/// In the largest unit that divides it: 86400 is "1d".
std::string format_duration(std::int64_t seconds) {
  const auto divides = [seconds](const Unit& unit) { return seconds % unit.seconds == 0; };
  const Unit& unit = seconds == 0 ? kUnits.back() : *std::ranges::find_if(kUnits, divides);
  return std::to_string(seconds / unit.seconds) + std::string(unit.name);
}

void refuse_other_keys(const Json& object, std::initializer_list<std::string_view> known,
                       const std::string& where) {
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    std::string names;
    for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
    refuse("unknown key \"" + key + "\"" + where + "; known are " + names);
  }
}

std::optional<Level> parse_level(const Json& band, const std::string& key) {
  if (!band.contains("level")) refuse(key + ": missing; give a level's name, or \"gone\"");
  const Json& value = band["level"];
  if (value.is_null()) return {};
  if (!value.is_string())
    refuse(key + ": expected a level's name or \"gone\", got " + std::string(shape_of(value)));
  const auto& name = value.get_ref<const std::string&>();
  if (name == "gone") return {};
  try {
    return level_from_name(name);
  } catch (const Error& error) {
    refuse(key + ": " + error.what());
  }
}

AgeBand parse_band(const Json& band, const std::string& key) {
  if (!band.is_object()) refuse(key + ": expected an object, got " + std::string(shape_of(band)));
  refuse_other_keys(band, {"older_than", "level"}, " in " + key);
  AgeBand result;
  if (band.contains("older_than"))
    result.older_than = parse_duration(band["older_than"], key + ".older_than");
  result.level = parse_level(band, key + ".level");
  return result;
}

void check_order(const AgeBand& before, const AgeBand& band, const std::string& key) {
  if (band.older_than <= before.older_than)
    refuse(key + ".older_than: must be longer than that of the band before it");
  if (!before.level) refuse(key + ": follows a band that is \"gone\"; nothing is left to fade");
  if (band.level && *band.level < *before.level)
    refuse(key + ".level: is sharper than that of the band before it; memory only fades");
}

/// What the policy says of that age; nothing where no band begins so early.
const AgeBand* band_at(const Policy& policy, std::int64_t age) {
  const AgeBand* last = nullptr;
  for (const AgeBand& band : policy.bands) {
    if (age >= band.older_than) last = &band;
  }
  return last;
}

}  // namespace

Policy Policy::standard() {
  constexpr std::int64_t kDay = 86'400;
  return {{{0, Level::base}, {kDay, Level::small}, {7 * kDay, Level::tiny}}};
}

Policy Policy::from_json(std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    refuse("not JSON at byte " + std::to_string(error.byte));
  }
  if (!json.is_object()) refuse("expected an object, got " + std::string(shape_of(json)));
  refuse_other_keys(json, {"kind", "bands"}, "");
  if (json.contains("kind") && json["kind"] != "by-age")
    refuse("kind: expected \"by-age\", got " +
           json["kind"].dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!json.contains("bands") || !json["bands"].is_array() || json["bands"].empty())
    refuse("bands: expected a list with at least one {\"older_than\", \"level\"}");

  Policy policy;
  for (const Json& band : json["bands"]) {
    const std::string key = "bands[" + std::to_string(policy.bands.size()) + "]";
    policy.bands.push_back(parse_band(band, key));
    if (policy.bands.size() > 1)
      check_order(policy.bands[policy.bands.size() - 2], policy.bands.back(), key);
  }
  return policy;
}

std::string Policy::to_json() const {
  Json json = {{"kind", "by-age"}, {"bands", Json::array()}};
  for (const AgeBand& band : bands) {
    json["bands"].push_back({{"older_than", format_duration(band.older_than)},
                             {"level", band.level ? name_of(*band.level) : "gone"}});
  }
  return json.dump(2);
}

std::vector<Step> plan(const Policy& policy, const std::vector<PageState>& pages, Time now) {
  std::vector<Step> steps;
  for (const PageState& page : pages) {
    const AgeBand* band = band_at(policy, now - std::max(page.time, page.last_recalled));
    if (page.pinned || !band || (band->level && *band->level <= page.level)) continue;
    const int left = band->level ? token_count(*band->level) : 0;
    steps.push_back({.id = page.id,
                     .from = page.level,
                     .to = band->level,
                     .tokens_saved = token_count(page.level) - left,
                     .fidelity = {}});
  }
  return steps;
}

}  // namespace fovea
