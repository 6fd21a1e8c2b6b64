#include <algorithm>
#include <array>

#include "core/read_json.h"
#include "fovea/error.h"
#include "fovea/policy.h"

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;

struct Unit {
  std::string_view name;
  std::int64_t seconds;
};
constexpr std::array kUnits = {Unit{"w", 604'800}, Unit{"d", 86'400}, Unit{"h", 3'600},
                               Unit{"m", 60}, Unit{"s", 1}};
constexpr std::int64_t kLongestWait = 1'000'000'000'000;  // seconds: longer than anyone waits
constexpr std::int64_t kMostPagesInBatch = 1000;
constexpr std::int64_t kMostTextBytes = 65'536;
constexpr std::int64_t kMostTokens = 1'000'000'000'000;

[[noreturn]] void refuse_policy(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, "policy: " + what);
}

std::string shape_of(const Json& value) { return value.type_name(); }

std::string shown(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Seconds of "90s", "15m", "1h", "1d", "2w", or of a plain number of seconds.
std::int64_t parse_duration(const Json& value, const std::string& key) {
  const std::string expected =
      key +
      ": expected a duration such as \"90s\", \"15m\", \"1h\", \"1d\" or \"2w\", or seconds, got " +
      shown(value);
  if (value.is_number()) {
    const auto seconds = whole_number(value, 0, kLongestWait);
    if (!seconds) refuse_policy(expected);
    return *seconds;
  }
  if (!value.is_string()) refuse_policy(expected);
  const auto& text = value.get_ref<const std::string&>();
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = std::ranges::find(kUnits, std::string_view(text).substr(digits), &Unit::name);
  if (digits == 0 || digits > 12 || unit == kUnits.end()) refuse_policy(expected);
  const std::int64_t seconds = std::stoll(text.substr(0, digits)) * unit->seconds;
  if (seconds > kLongestWait) refuse_policy(expected);
  return seconds;
}

/// In the largest unit that divides it: 86400 is "1d".
std::string format_duration(std::int64_t seconds) {
  const auto divides = [seconds](const Unit& unit) { return seconds % unit.seconds == 0; };
  const Unit& unit = seconds == 0 ? kUnits.back() : *std::ranges::find_if(kUnits, divides);
  return std::to_string(seconds / unit.seconds) + std::string(unit.name);
}

std::int64_t parse_whole(const Json& value, const std::string& key, std::int64_t least,
                         std::int64_t most) {
  if (const auto number = whole_number(value, least, most)) return *number;
  refuse_policy(key + ": expected a whole number from " + std::to_string(least) + " to " +
                std::to_string(most) + ", got " + shown(value));
}

double parse_share(const Json& value, const std::string& key) {
  if (value.is_number() && value.get<double>() >= 0 && value.get<double>() <= 1)
    return value.get<double>();
  refuse_policy(key + ": expected a number from 0 to 1, such as 0.98, got " + shown(value));
}

void refuse_other_keys(const Json& object, std::initializer_list<std::string_view> known,
                       const std::string& where) {
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    std::string names;
    for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
    refuse_policy("unknown key \"" + key + "\"" + where + "; known are " + names);
  }
}

Level parse_level(const Json& value, const std::string& key) {
  if (!value.is_string()) refuse_policy(key + ": expected a level's name, got " + shape_of(value));
  try {
    return level_from_name(value.get_ref<const std::string&>());
  } catch (const Error& error) {
    refuse_policy(key + ": " + error.what());
  }
}

AgeBand parse_band(const Json& band, const std::string& key) {
  if (!band.is_object()) refuse_policy(key + ": expected an object, got " + shape_of(band));
  refuse_other_keys(band, {"older_than", "level", "floor"}, " in " + key);
  AgeBand result;
  if (band.contains("older_than"))
    result.older_than = parse_duration(band["older_than"], key + ".older_than");
  if (band.contains("floor") == band.contains("level"))
    refuse_policy(key + ": give either a floor, or a level (its name, or \"gone\")");
  if (band.contains("floor")) {
    result.floor = parse_share(band["floor"], key + ".floor");
  } else if (const Json& level = band["level"]; !level.is_null() && level != "gone") {
    result.level = parse_level(level, key + ".level");
  }
  return result;
}

bool is_gone(const AgeBand& band) { return !band.level && !band.floor; }

void check_order(const AgeBand& before, const AgeBand& band, const std::string& key) {
  if (band.older_than <= before.older_than)
    refuse_policy(key + ".older_than: must be longer than that of the band before it");
  if (is_gone(before))
    refuse_policy(key + ": follows a band that is \"gone\"; nothing is left to fade");
  if (band.level && before.level && *band.level < *before.level)
    refuse_policy(key + ".level: is sharper than that of the band before it; memory only fades");
  if (band.floor && before.floor && *band.floor > *before.floor)
    refuse_policy(key + ".floor: is higher than that of the band before it; memory only fades");
}

std::vector<AgeBand> parse_bands(const Json& json) {
  if (!json.contains("bands") || !json["bands"].is_array() || json["bands"].empty())
    refuse_policy(
        "bands: expected a list with at least one {\"older_than\", \"floor\" or \"level\"}");
  std::vector<AgeBand> bands;
  for (const Json& band : json["bands"]) {
    const std::string key = "bands[" + std::to_string(bands.size()) + "]";
    bands.push_back(parse_band(band, key));
    if (bands.size() > 1) check_order(bands[bands.size() - 2], bands.back(), key);
  }
  return bands;
}

std::string kind_of(const Policy& policy) {
  const auto has_floor = [](const AgeBand& band) { return band.floor.has_value(); };
  return std::ranges::any_of(policy.bands, has_floor) ? "by-fidelity" : "by-age";
}

/// Every band must be of the kind that is named, or else of the first one's.
void check_kind(const Json& json, const Policy& policy) {
  std::string kind = kind_of(policy);
  if (json.contains("kind")) {
    if (json["kind"] != "by-fidelity" && json["kind"] != "by-age")
      refuse_policy("kind: expected \"by-fidelity\" or \"by-age\", got " + shown(json["kind"]));
    kind = json["kind"];
  }
  for (std::size_t i = 0; i < policy.bands.size(); ++i) {
    const AgeBand& band = policy.bands[i];
    const std::string key = "bands[" + std::to_string(i) + "]";
    if (kind == "by-age" && band.floor) refuse_policy(key + ".floor: a policy by age has levels");
    if (kind == "by-fidelity" && band.level)
      refuse_policy(key + ".level: a policy by fidelity has floors (or \"gone\")");
  }
}

TextBudget parse_text(const Json& json, const std::string& key) {
  TextBudget budget;
  const Json& value = json[key];
  if (!value.is_object()) refuse_policy(key + ": expected an object, got " + shape_of(value));
  if (!value.contains("bytes"))
    refuse_policy(key + ".bytes: missing; give the bytes that a page may keep");
  budget.bytes =
      static_cast<std::size_t>(parse_whole(value["bytes"], key + ".bytes", 0, kMostTextBytes));
  if (value.contains("down_to")) budget.down_to = parse_level(value["down_to"], key + ".down_to");
  return budget;
}

bool parse_flag(const Json& value, const std::string& key) {
  if (!value.is_boolean()) refuse_policy(key + ": expected true or false, got " + shown(value));
  return value;
}

void parse_texts(const Json& json, Policy& policy) {
  if (json.contains("anchors")) {
    policy.anchors = parse_text(json, "anchors");
    const Json& anchors = json["anchors"];
    refuse_other_keys(anchors, {"bytes", "down_to", "without_archive"}, " in anchors");
    if (anchors.contains("without_archive"))
      policy.anchors_without_archive =
          parse_flag(anchors["without_archive"], "anchors.without_archive");
  }
  if (json.contains("corrections")) {
    policy.corrections = parse_text(json, "corrections");
    refuse_other_keys(json["corrections"], {"bytes", "down_to"}, " in corrections");
  }
}

Json text_json(const TextBudget& budget) {
  return {{"bytes", budget.bytes}, {"down_to", name_of(budget.down_to)}};
}

Json band_json(const AgeBand& band) {
  Json json = {{"older_than", format_duration(band.older_than)}};
  if (band.floor)
    json["floor"] = *band.floor;
  else
    json["level"] = band.level ? name_of(*band.level) : "gone";
  return json;
}

}  // namespace

Policy Policy::from_json(std::string_view text) {
  Json json;
  try {
    json = read_json<Json>(text, "policy");
  } catch (const Error& error) {
    throw Error(ErrorCode::invalid_argument, error.what());
  }
  if (!json.is_object()) refuse_policy("expected an object, got " + shape_of(json));
  refuse_other_keys(json, {"$schema", "kind", "bands", "budget", "batch", "anchors", "corrections",
                           "archive_for"},
                    "");
  Policy policy;
  policy.bands = parse_bands(json);
  check_kind(json, policy);
  if (json.contains("budget"))
    policy.budget = static_cast<std::size_t>(parse_whole(json["budget"], "budget", 1, kMostTokens));
  if (json.contains("batch"))
    policy.batch = static_cast<int>(parse_whole(json["batch"], "batch", 1, kMostPagesInBatch));
  parse_texts(json, policy);
  if (json.contains("archive_for"))
    policy.archive_for = parse_duration(json["archive_for"], "archive_for");
  return policy;
}

std::string Policy::to_json() const {
  Json json = {{"kind", kind_of(*this)}, {"bands", Json::array()}};
  for (const AgeBand& band : bands) json["bands"].push_back(band_json(band));
  if (budget) json["budget"] = *budget;
  json["batch"] = batch;
  if (anchors.bytes > 0) {
    json["anchors"] = text_json(anchors);
    json["anchors"]["without_archive"] = anchors_without_archive;
  }
  if (corrections.bytes > 0) json["corrections"] = text_json(corrections);
  if (archive_for) json["archive_for"] = format_duration(*archive_for);
  return json.dump(2);
}

}  // namespace fovea
