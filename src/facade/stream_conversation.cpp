#include "facade/stream_conversation.h"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace fovea {
namespace {

constexpr std::size_t kTellingRow = 8;  // greetings are shorter
constexpr int kGap = 4;                 // conversations erased between others

/// How a stream's beginning fits a conversation.
struct Fit {
  std::size_t known = 0, fresh = 0;  ///< messages of the beginning that it has, and has not
  std::size_t row = 0;               ///< most that it has one after the other

  /// `size`: messages of the conversation.
  bool goes_on(std::size_t size) const {
    return known > 0 && (fresh == 0 || known == size || row >= kTellingRow);
  }
};

template <class IsKnown>
Fit fit_of(std::span<const Message> beginning, IsKnown is_known) {
  Fit fit;
  std::size_t row = 0;
  for (const Message& message : beginning) {
    if (!message.place || message.place->offset) continue;
    const bool known = is_known(message);
    ++(known ? fit.known : fit.fresh);
    row = known ? row + 1 : 0;
    fit.row = std::max(fit.row, row);
  }
  return fit;
}

}  // namespace

std::string given_of(const Message& message) {
  return message.given.empty() ? given_by_text(message.role, message.text) : message.given;
}

StreamConversation ConversationFinder::find(const std::string& stream,
                                      std::span<const Message> beginning) const {
  std::optional<std::string> best;
  std::size_t most = 0;
  int last = 0;
  for (int number = 1; number <= last + kGap; ++number) {
    const std::string key = conversation_key(stream, number);
    const std::size_t size = store_.count_known(scope_, key);
    if (size == 0) continue;
    last = number;
    const Fit fit = fit_of(beginning, [&](const Message& message) {
      return store_.knows_message(
          scope_, identity_by_occurrence(key, message.place->occurrence, given_of(message)));
    });
    if (!fit.goes_on(size) || fit.known <= most) continue;
    best = key;
    most = fit.known;
  }
  const std::string name = std::filesystem::path(stream).filename().string();
  const Fit older = fit_of(beginning, [&](const Message& message) {
    return store_.has_older_message(scope_, message.source_id, message.text);
  });
  const bool is_older = older.goes_on(store_.count_older_messages(scope_, name)) && older.known > most;
  if (best && !is_older) return {*best, false};
  return {conversation_key(stream, last + 1), is_older};
}

}  // namespace fovea
