#include "fovea/policy.h"

#include <algorithm>
#include <array>

#include "fovea/error.h"
#include "memory/policy_presets.h"

namespace fovea {
namespace {

constexpr std::array<std::string_view, 3> kPresetNames = {"careful", "balanced", "lean"};
constexpr std::array kPresets = {kCarefulPolicy, kBalancedPolicy, kLeanPolicy};

// What fovea-nano's card says of its weakest usual kind of text, source code, rounded down.
constexpr std::array kExpected = {0.9999, 0.9995, 0.996, 0.99, 0.8, 0.4};
static_assert(kExpected.size() == kLevels.size());

}  // namespace

std::span<const std::string_view> Policy::preset_names() { return kPresetNames; }

Policy Policy::preset(std::string_view name) {
  const auto found = std::ranges::find(kPresetNames, name);
  if (found != kPresetNames.end())
    return from_json(kPresets[static_cast<std::size_t>(found - kPresetNames.begin())]);
  throw Error(ErrorCode::invalid_argument,
              "policy \"" + std::string(name) +
                  "\": no such preset; the presets are careful, balanced and lean");
}

Policy Policy::standard() { return preset("balanced"); }

double expected_fidelity(Level level) { return kExpected[static_cast<std::size_t>(level)]; }

double asked_fidelity(const Policy& policy) {
  double asked = 0;
  for (const AgeBand& band : policy.bands) {
    if (band.floor) asked = std::max(asked, *band.floor);
    if (band.level) asked = std::max(asked, expected_fidelity(*band.level));
  }
  return asked;
}

Level expected_level(double floor) {
  Level best = kLevels.front();
  for (const Level level : kLevels) {
    if (expected_fidelity(level) >= floor) best = level;
  }
  return best;
}

}  // namespace fovea
