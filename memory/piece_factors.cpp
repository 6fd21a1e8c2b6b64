#include "memory/piece_factors.h"

#include <algorithm>

namespace fovea {
namespace {

constexpr float kSpeaker = 2, kMonth = 2, kDay = 3, kUser = 3;

}  // namespace

bool has_long_messages(const PieceIndex& scope) {
  constexpr double kLong = 1.5, kDocument = 50;  // pieces a message
  const auto messages = static_cast<double>(scope.messages);
  const auto pieces = static_cast<double>(scope.size());
  return messages > 2 && pieces >= kLong * messages && pieces < kDocument * messages;
}

bool has_answers(const PieceIndex& scope) {
  return std::ranges::any_of(scope.voices, [&](const Voice& voice) {
    return voice.is_assistant && !scope.is_speaker(voice);
  });
}

std::vector<float> voice_factors(const PieceIndex& scope, const PieceQuery& query) {
  const bool users_count = has_answers(scope) && std::ranges::any_of(scope.voices, &Voice::is_user);
  std::vector<float> factors;
  for (const Voice& voice : scope.voices) {
    float factor = users_count && voice.is_user ? kUser : 1;
    if (!query.speaker.empty() && voice.speaker == query.speaker && scope.is_speaker(voice))
      factor *= kSpeaker;
    factors.push_back(factor);
  }
  return factors;
}

std::vector<float> session_factors(const PieceIndex& scope, const PieceQuery& query) {
  std::vector<float> factors;
  for (const Time time : scope.session_time) {
    const Date date = time == 0 ? Date() : date_of(time);
    const bool month = query.month != 0 && date.month == query.month;
    factors.push_back(!month ? 1 : query.day == date.day ? kDay : kMonth);
  }
  return factors;
}

}  // namespace fovea
