#include "facade/context_turns.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "context/turns.h"

namespace fovea {
namespace {

using Orders = std::vector<std::size_t>;  // of a message's pieces, oldest first

/// Whether all pieces of the message stand in the text uncut.
bool is_whole(const Transcript& text, const Orders& message) {
  const auto stands = [&](std::size_t order) {
    const ShownPiece* piece = text.find(order);
    return piece && !piece->is_cut;
  };
  return std::ranges::all_of(message, stands) && text.find(message.front())->begins_message &&
         text.find(message.back())->ends_message;
}

/// The newest messages of the last session that stand there whole, oldest first.
std::deque<Orders> newest_whole(const Transcript& text, const ContextPieces& pieces,
                                 const TurnLimits& limits, const Transcript::Cost& cost) {
  std::deque<Orders> messages;
  double tokens = 0;
  const auto& all = pieces.all();
  for (auto end = all.rbegin(); end != all.rend();) {
    auto begin = end;
    Orders message;
    bool fits = true;
    for (; begin != all.rend() && begin->message == end->message; ++begin) {
      if (!pieces.is_of_last_session(*begin)) continue;
      message.push_back(pieces.order_of(*begin));
      fits &= limits.paged || begin->page == 0;
    }
    end = begin;
    if (message.empty()) continue;  // of an earlier session that was added later
    std::ranges::reverse(message);
    if (!fits || !is_whole(text, message)) break;
    for (const std::size_t order : message) tokens += cost(text.find(order)->text);
    if (tokens > limits.tokens) break;
    messages.push_front(std::move(message));
  }
  return messages;
}

}  // namespace

std::vector<ContextPart> take_turns(Transcript& text, const ContextPieces& pieces, TurnLimits limits,
                                    const Transcript::Cost& cost) {
  std::deque<Orders> messages = newest_whole(text, pieces, limits, cost);
  std::size_t taken = 0;
  for (const Orders& message : messages) taken += message.size();
  bool before = limits.before || taken < text.size();
  while (!messages.empty()) {
    const std::string role = turn_role(*text.find(messages.front().front()));
    if (role == "user" || (before && !role.empty())) break;
    messages.pop_front();
    before = true;
  }
  std::vector<ContextPart> turns;
  for (const Orders& message : messages) {
    std::vector<ShownPiece> shown;
    for (const std::size_t order : message) shown.push_back(text.take(order).value());
    ContextPart& turn = turns.emplace_back();
    turn.role = turn_role(shown.front());
    if (turn.role.empty()) turn.role = "user";
    turn.text = turn_text(shown);
    turn.tokens = static_cast<std::size_t>(std::ceil(cost(turn.text) + kTurnTokens));
  }
  return turns;
}

}  // namespace fovea
