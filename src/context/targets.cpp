#include "src/context/targets.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

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

CountRule rule_of(const Json& json) {
  CountRule rule;
  const auto kind = json.at("kind").get<std::string>();
  const auto* known = std::ranges::find(kKinds, kind, &Kind::name);
  if (known == kKinds.end()) {
    throw Error(ErrorCode::unsupported, "\"kind\": \"" + kind + "\" is not known; update Fovea");
  }
  rule.kind = known->kind;
  // A key that the kind needs must be there: a rule without it would count nothing.
  const auto needed = [&](const char* key) { return json.at(key).get<int>(); };
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
      rule.fit = json.value("fit", 0);
      rule.short_side = json.value("short_side", 0);
      break;
    case CountRule::Kind::patches:
      rule.patch = needed("patch");
      rule.factor = json.at("factor").get<double>();
      rule.nearest = json.value("round", std::string("up")) == "nearest";
      rule.least = json.value("least", 0);
      rule.most = json.value("most", 0);
      rule.max_side = json.value("max_side", 0);
      break;
    case CountRule::Kind::area: rule.per_megapixel = json.at("per_megapixel").get<double>(); break;
    case CountRule::Kind::flat: rule.tokens = needed("tokens"); break;
    case CountRule::Kind::none: break;
  }
  const bool sound = rule.patch >= 0 && rule.tile >= 0 && rule.factor > 0 &&
                     (rule.kind != CountRule::Kind::tiles || rule.tile > 0) &&
                     ((rule.kind != CountRule::Kind::patches &&
                       rule.kind != CountRule::Kind::grid) || rule.patch > 0);
  if (!sound) throw Error(ErrorCode::corruption, "\"count\": patch, tile and factor are above 0");
  return rule;
}

TargetLimits limits_of(const Json& json) {
  TargetLimits limits;
  limits.images = json.value("images", limits.images);
  limits.image_bytes = json.value("image_bytes", limits.image_bytes);
  limits.request_bytes = json.value("request_bytes", limits.request_bytes);
  limits.side = json.value("side", limits.side);
  return limits;
}

Target::Pages pages_of(const std::string& word) {
  if (word == "as remembered") return Target::Pages::as_remembered;
  if (word == "redrawn") return Target::Pages::redrawn;
  if (word == "never") return Target::Pages::never;
  throw Error(ErrorCode::corruption, "\"pages\": expected \"as remembered\", \"redrawn\" or "
                                     "\"never\", got \"" + word + "\"");
}

Target target_of(const std::string& name, const Json& json) {
  Target target;
  target.name = name;
  target.pages = pages_of(json.at("pages").get<std::string>());
  if (json.contains("count") || target.pages != Target::Pages::never) {
    target.count = rule_of(json.at("count"));
  }
  if (json.contains("min_cell")) target.min_cell = json["min_cell"].get<std::array<int, 2>>();
  if (json.contains("sides")) target.sides = json["sides"].get<std::vector<int>>();
  if (json.contains("limits")) target.limits = limits_of(json["limits"]);
  target.detail = json.value("detail", "");
  return target;
}

}  // namespace

Targets Targets::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw Error(ErrorCode::not_found, path + ": cannot be read; the targets that came with Fovea "
                                             "stand beside its checkpoint, as targets.json");
  }
  return parse(std::string{std::istreambuf_iterator<char>(file), {}}, path);
}

Targets Targets::parse(std::string_view text, const std::string& name) {
  Targets targets;
  std::string place = name;
  try {
    const Json json = Json::parse(text);
    if (const int format = json.at("format").get<int>(); format != kFormat) {
      throw Error(ErrorCode::unsupported, "format " + std::to_string(format) +
                                              "; this Fovea reads " + std::to_string(kFormat));
    }
    targets.version_ = json.at("version").get<std::string>();
    for (const auto& [key, value] : json.at("targets").items()) {
      place = name + ": target " + key;
      targets.entries_.push_back(
          {target_of(key, value), value.value("models", std::vector<std::string>())});
    }
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::corruption, place + ": " + error.what());
  } catch (const Error& error) {
    throw Error(error.code(), place + ": " + error.what());
  }
  return targets;
}

const Target& Targets::find(std::string_view name) const {
  std::string known;
  for (const Entry& entry : entries_) {
    if (entry.target.name == name) return entry.target;
    known += (known.empty() ? "" : ", ") + entry.target.name;
  }
  for (const Entry& entry : entries_) {
    if (std::ranges::find(entry.models, name) != entry.models.end()) return entry.target;
  }
  throw Error(ErrorCode::invalid_argument,
              "target \"" + std::string(name) + "\": expected " + known +
                  ", or a model that the file of targets names; for others take text");
}

}  // namespace fovea
