#include "context/targets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/ascii.h"
#include "core/read_json.h"
#include "fovea/error.h"

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

struct Kind {
  std::string_view name;
  CountRule::Kind kind;
};
constexpr std::array kKinds = {Kind{"grid", CountRule::Kind::grid},
                               Kind{"tiles", CountRule::Kind::tiles},
                               Kind{"patches", CountRule::Kind::patches},
                               Kind{"area", CountRule::Kind::area},
                               Kind{"flat", CountRule::Kind::flat}};

constexpr int kMostNumber = 1'000'000'000;  // tokens, px and pictures alike
constexpr double kMostRate = 1000;          // as many tokens as DeepSeek's

/// A whole number from 0 on. Throws Error(corruption).
int number_of(const Json& value, const char* key) {
  const auto number = whole_number(value, 0, kMostNumber);
  if (!number)
    throw Error(ErrorCode::corruption,
                "\"" + std::string(key) + "\": expected a whole number from 0 to " +
                    std::to_string(kMostNumber) + ", got " + value.dump().substr(0, 80));
  return static_cast<int>(*number);
}

int number_at(const Json& json, const char* key, int otherwise) {
  return json.contains(key) ? number_of(json[key], key) : otherwise;
}

/// A budget is kept only if nothing counts as less than nothing. Throws Error(corruption).
double rate_at(const Json& json, const char* key, double otherwise) {
  if (!json.contains(key)) return otherwise;
  const Json& value = json[key];
  if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= kMostRate))
    throw Error(ErrorCode::corruption, "\"" + std::string(key) +
                                           "\": expected a number from 0 to 1000, got " +
                                           value.dump().substr(0, 80));
  return value.get<double>();
}

/// Throws Error(corruption) unless the value is an object of no other keys than these.
void require_keys(const Json& json, const std::string& what,
                  std::initializer_list<std::string_view> keys) {
  std::string known;
  for (const std::string_view key : keys) known += (known.empty() ? "" : ", ") + std::string(key);
  if (!json.is_object())
    throw Error(ErrorCode::corruption,
                what + ": expected an object of " + known + "; got " + json.dump().substr(0, 80));
  for (const auto& [key, value] : json.items()) {
    if (std::ranges::find(keys, key) == keys.end())
      throw Error(ErrorCode::corruption,
                  what + ": \"" + key.substr(0, 80) + "\" is not known; known are " + known);
  }
}

CountRule rule_of(const Json& json) {
  CountRule rule;
  const auto kind = json.at("kind").get<std::string>();
  const auto* known = std::ranges::find(kKinds, kind, &Kind::name);
  if (known == kKinds.end()) {
    throw Error(ErrorCode::unsupported, "\"kind\": \"" + kind + "\" is not known; update Fovea");
  }
  rule.kind = known->kind;
  // A key that the kind needs must be there: a rule without it would count nothing.
  const auto needed = [&](const char* key) { return number_of(json.at(key), key); };
  switch (rule.kind) {
    case CountRule::Kind::grid:
      rule.patch = needed("patch");
      rule.row_end = needed("row_end");
      rule.view_end = needed("view_end");
      break;
    case CountRule::Kind::tiles:
      rule.tile = needed("tile");
      rule.base = needed("base");
      rule.per_tile = needed("per_tile");
      rule.fit = number_at(json, "fit", 0);
      rule.short_side = number_at(json, "short_side", 0);
      break;
    case CountRule::Kind::patches:
      rule.patch = needed("patch");
      rule.factor = json.at("factor").get<double>();
      rule.nearest = json.value("round", std::string("up")) == "nearest";
      rule.least = number_at(json, "least", 0);
      rule.most = number_at(json, "most", 0);
      rule.max_side = number_at(json, "max_side", 0);
      break;
    case CountRule::Kind::area: rule.per_megapixel = json.at("per_megapixel").get<double>(); break;
    case CountRule::Kind::flat: rule.tokens = needed("tokens"); break;
    case CountRule::Kind::none: break;
  }
  const bool sound = rule.factor > 0 && rule.per_megapixel >= 0 &&
                     (rule.kind != CountRule::Kind::tiles || rule.tile > 0) &&
                     ((rule.kind != CountRule::Kind::patches &&
                       rule.kind != CountRule::Kind::grid) || rule.patch > 0);
  if (!sound)
    throw Error(ErrorCode::corruption, "\"count\": patch, tile and factor must be above 0");
  return rule;
}

TargetLimits limits_of(const Json& json) {
  require_keys(json, "\"limits\"", {"images", "image_bytes", "request_bytes", "side"});
  TargetLimits limits;
  const auto read = [&](const char* key, std::size_t& limit) {
    if (json.contains(key)) limit = static_cast<std::size_t>(number_of(json[key], key));
  };
  read("images", limits.images);
  read("image_bytes", limits.image_bytes);
  read("request_bytes", limits.request_bytes);
  limits.side = number_at(json, "side", limits.side);
  return limits;
}

Target::Pages pages_of(const std::string& word) {
  if (word == "as remembered") return Target::Pages::as_remembered;
  if (word == "redrawn") return Target::Pages::redrawn;
  if (word == "never") return Target::Pages::never;
  throw Error(ErrorCode::corruption, "\"pages\": expected \"as remembered\", \"redrawn\" or "
                                     "\"never\", got \"" + word + "\"");
}

TextRates rates_of(const Json& json) {
  require_keys(json, "\"text\"",
               {"words", "digits", "accents", "letters", "ideographs", "wide_signs", "kana_hangul",
                "symbols"});
  TextRates rates;
  rates.words = rate_at(json, "words", rates.words);
  rates.digits = rate_at(json, "digits", rates.digits);
  rates.accents = rate_at(json, "accents", rates.accents);
  rates.letters = rate_at(json, "letters", rates.letters);
  rates.ideographs = rate_at(json, "ideographs", rates.ideographs);
  rates.wide_signs = rate_at(json, "wide_signs", rates.wide_signs);
  rates.kana_hangul = rate_at(json, "kana_hangul", rates.kana_hangul);
  rates.symbols = rate_at(json, "symbols", rates.symbols);
  return rates;
}

Target target_of(const std::string& name, const Json& json) {
  require_keys(
      json, "the target",
      {"source", "models", "pages", "count", "min_cell", "sides", "text", "detail", "limits"});
  Target target;
  target.name = name;
  target.pages = pages_of(json.at("pages").get<std::string>());
  if (json.contains("count") || target.pages != Target::Pages::never) {
    target.count = rule_of(json.at("count"));
  }
  if (json.contains("min_cell")) {
    for (std::size_t i = 0; i < target.min_cell.size(); ++i)
      target.min_cell[i] = number_of(json["min_cell"].at(i), "min_cell");
  }
  if (json.contains("sides")) {
    for (const Json& side : json["sides"].get_ref<const Json::array_t&>())
      target.sides.push_back(number_of(side, "sides"));
  }
  if (json.contains("limits")) target.limits = limits_of(json["limits"]);
  if (json.contains("text")) target.text_rates = rates_of(json["text"]);
  target.detail = json.value("detail", "");
  return target;
}

/// In small letters, words joined by "-", without what stands before the last "/" or, on Bedrock and
/// the like, before the provider's ".".
std::string model_name(std::string_view name) {
  std::string model;
  for (const char c : name.substr(name.rfind('/') + 1)) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    model += small == '_' || small == ' ' ? '-' : small;
  }
  for (const char* provider : {"anthropic.", "openai.", "google.", "meta.", "xai.", "amazon."}) {
    const std::size_t at = model.find(provider);
    if (at != std::string::npos) model.erase(0, at + std::string_view(provider).size());
  }
  if (model.starts_with("gpt") && model.size() > 3 && model[3] >= '0' && model[3] <= '9')
    model.insert(3, "-");
  return model;
}

/// The family's name, alone or with more behind it: "gpt-4o-2024-11-20" is of gpt-4o, "qwen3-32b" of
/// qwen, "gpt-4omni" is not of gpt-4o.
bool is_of_family(std::string_view model, std::string_view family) {
  if (!model.starts_with(family)) return false;
  if (model.size() == family.size()) return true;
  const char next = model[family.size()];
  return std::string_view("-.:@").find(next) != std::string_view::npos ||
         (is_digit(next) && !is_digit(family.back()));
}

}  // namespace

Targets Targets::read(const std::string& path) {
  if (std::error_code none; std::filesystem::is_directory(path, none))
    throw Error(ErrorCode::invalid_argument, "targets file " + path + " is a folder; give a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw Error(ErrorCode::not_found, path +
                                          ": cannot be read; the targets that came with Fovea "
                                          "are beside its checkpoint, in targets.json");
  }
  return parse(std::string{std::istreambuf_iterator<char>(file), {}}, path);
}

Targets Targets::parse(std::string_view text, const std::string& name) {
  const auto json = read_json<Json>(text, name);
  Targets targets;
  std::string place = name;
  try {
    if (!json.is_object() || !json.contains("format"))
      throw Error(
          ErrorCode::corruption,
          "expected an object with format, version and targets, got " + json.dump().substr(0, 80));
    if (const Json& format = json["format"]; format != kFormat) {
      throw Error(ErrorCode::unsupported, "format " + format.dump().substr(0, 80) +
                                              "; this Fovea reads " + std::to_string(kFormat));
    }
    targets.version_ = json.at("version").get<std::string>();
    if (const Json& all = json.at("targets"); !all.is_object() || all.empty())
      throw Error(ErrorCode::corruption,
                  "\"targets\": expected an object of one target or more by "
                  "name, got " +
                      all.dump().substr(0, 80));
    for (const auto& [key, value] : json["targets"].items()) {
      place = name + ": target " + key;
      targets.entries_.push_back(
          {target_of(key, value), value.value("models", std::vector<std::string>())});
    }
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corruption, place + ": " + reason_of(error));
  } catch (const Error& error) {
    throw Error(error.code(), place + ": " + error.what());
  }
  return targets;
}

const Target* Targets::find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.target.name == name) return &entry.target;
  }
  const std::string model = model_name(name);
  const Target* best = nullptr;
  std::size_t longest = 0;
  for (const Entry& entry : entries_) {
    std::vector<std::string> families = entry.models;
    families.push_back(entry.target.name);
    for (const std::string& family : families) {
      if (family.size() <= longest || !is_of_family(model, family)) continue;
      longest = family.size();
      best = &entry.target;
    }
  }
  return best;
}

const Target& Targets::text() const {
  static const Target kText = [] {
    Target target;
    target.name = "text";
    return target;
  }();
  const auto found = std::ranges::find_if(
      entries_, [](const Entry& entry) { return entry.target.name == kText.name; });
  return found == entries_.end() ? kText : found->target;
}

std::string Targets::names() const {
  std::string names;
  for (const Entry& entry : entries_) names += (names.empty() ? "" : ", ") + entry.target.name;
  return names;
}

}  // namespace fovea
