#include "context/turns.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace fovea {
namespace {

struct Role {
  std::string_view name, role;
};
constexpr std::array kRoles = {Role{"user", "user"},           Role{"human", "user"},
                               Role{"assistant", "assistant"}, Role{"model", "assistant"},
                               Role{"gpt", "assistant"},       Role{"ai", "assistant"},
                               Role{"bot", "assistant"}};

/// The name that is said beside the role; empty: the role alone speaks.
std::string_view name_of(const ShownPiece& piece) {
  std::string_view speaker = piece.speaker;
  if (speaker == piece.role) return {};
  const std::size_t colon = speaker.find(": ");
  return colon == std::string_view::npos ? speaker : speaker.substr(colon + 2);
}

}  // namespace

std::string turn_role(const ShownPiece& first) {
  const auto known = std::ranges::find(kRoles, first.role, &Role::name);
  // A label with a bracket is one of "assistant (thinking)"; without a label tools speak.
  if (known == kRoles.end() || first.speaker.empty() || first.speaker.find('(') != std::string::npos)
    return {};
  return std::string(known->role);
}

std::string turn_text(std::span<const ShownPiece> message) {
  const ShownPiece& first = message.front();
  std::vector<ShownPiece> pieces(message.begin(), message.end());
  for (ShownPiece& piece : pieces) piece.mark.clear();
  if (turn_role(first).empty())
    return std::string(kHistoryOpen).append(laid_out(pieces)).append(kHistoryClose);
  const std::string name(name_of(first));
  for (ShownPiece& piece : pieces) piece.speaker = name;
  return laid_out(pieces);
}

double turn_reserve(const ShownPiece& first, const Transcript::Cost& cost) {
  constexpr double kRounding = 1;
  const double frame = turn_role(first).empty() ? cost(kHistoryOpen) + cost(kHistoryClose) : 0;
  return kTurnTokens + kRounding + frame;
}

}  // namespace fovea
