#include "facade/near_scopes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fovea/memory.h"

namespace fovea {
namespace {

/// Nothing: it can hardly have been meant.
std::optional<double> likeness_of_part(const std::string& given, const std::string& part) {
  constexpr double kAlike = 0.5, kLeftOut = 0.4;
  const double alike = likeness(given, part);
  if (alike >= kAlike) return alike;
  if (given == Scope().user) return kLeftOut;
  return {};
}

std::optional<double> likeness_of(const Scope& given, const Scope& scope) {
  double sum = 0;
  for (const auto part : {&Scope::user, &Scope::agent, &Scope::session, &Scope::run}) {
    const auto alike = likeness_of_part(given.*part, scope.*part);
    if (!alike) return {};
    sum += *alike;
  }
  return sum;
}

}  // namespace

std::vector<Scope> near_scopes(const Scope& given, std::span<const Scope> scopes) {
  constexpr std::size_t kMost = 3;
  std::vector<std::pair<double, const Scope*>> found;
  for (const Scope& scope : scopes) {
    if (const auto alike = likeness_of(given, scope)) found.emplace_back(*alike, &scope);
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, &std::pair<double, const Scope*>::first);
  std::vector<Scope> near;
  for (std::size_t i = 0; i < std::min(found.size(), kMost); ++i) near.push_back(*found[i].second);
  return near;
}

std::string did_you_mean(std::span<const Scope> near) {
  std::string names;
  for (std::size_t i = 0; i < near.size(); ++i) {
    if (i > 0) names += i + 1 == near.size() ? " or " : ", ";
    names += to_text(near[i]);
  }
  return names.empty() ? "" : "; did you mean " + names + "?";
}

}  // namespace fovea
