#include "memctl/lifetime/life.h"

#include <algorithm>

#include "fovea/error.h"
#include "fovea/history.h"
#include "fovea/measure.h"
#include "fovea/text.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

constexpr Time kBirth = 1'577'836'800;       // 2020-01-01, so that every run has the same times
constexpr std::size_t kLongestPiece = 2048;  // of plain text

/// Where a piece of plain text ends that begins at `begin`: after a line, unless that is long.
std::size_t end_of_piece(std::string_view text, std::size_t begin) {
  const std::string_view piece = cut_text(text.substr(begin), kLongestPiece);
  if (begin + piece.size() == text.size()) return text.size();
  const std::size_t line = piece.rfind('\n');
  return begin +
         (line == std::string_view::npos ? std::max<std::size_t>(1, piece.size()) : line + 1);
}

void add_messages(const Text& text, Life& life) {
  const std::size_t base = life.text.size();
  const bool plain = text.format == name_of(HistoryFormat::text);
  life.text += text.text;
  for (std::size_t i = 0; i < text.messages.size(); ++i) {
    const bool last = i + 1 == text.messages.size();
    const std::size_t end = last ? text.text.size() : text.messages[i + 1].begin;
    for (std::size_t at = text.messages[i].begin; at < end;) {
      const std::string_view message = std::string_view(text.text).substr(0, end);
      const std::size_t next = plain ? end_of_piece(message, at) : end;
      life.messages.push_back({base + at, base + next, text.messages[i].role});
      at = next;
    }
  }
}

void add_pages(Life& life, const Renderer& renderer) {
  auto message = life.messages.begin();
  for (std::size_t at = 0; at < life.text.size();) {
    const Page page = renderer.lay_out(std::string_view(life.text).substr(at), Density::d106, true);
    if (!Renderer::is_full(page)) return;
    const std::size_t end = at + page.text.size();
    while (message->end < end) ++message;
    life.pages.push_back(
        {at, end, message->time, count_characters(page.text), count_text_tokens(page.text)});
    at = end;
  }
}

}  // namespace

Time Life::end_of_day(int day) const { return kBirth + (day + 1) * kDay; }

std::size_t Life::messages_until(Time time) const {
  const auto end = std::ranges::lower_bound(messages, time, {}, &LifeMessage::time);
  return static_cast<std::size_t>(end - messages.begin());
}

std::size_t Life::bytes_until(Time time) const {
  const std::size_t count = messages_until(time);
  return count == 0 ? 0 : messages[count - 1].end;
}

std::size_t Life::pages_until(std::size_t bytes) const {
  const auto end = std::ranges::upper_bound(pages, bytes, {}, &LifePage::end);
  return static_cast<std::size_t>(end - pages.begin());
}

int Life::day_of(Time time) const { return static_cast<int>((time - kBirth) / kDay); }

Life life_of(const std::vector<Text>& texts, int days, const Renderer& renderer) {
  Life life;
  life.days = days;
  for (const Text& text : texts) add_messages(text, life);
  const double seconds_per_byte = double(days * kDay) / double(life.text.size());
  for (LifeMessage& message : life.messages)
    message.time = kBirth + static_cast<Time>(double(message.begin) * seconds_per_byte);
  add_pages(life, renderer);
  if (life.pages.empty())
    throw Error(ErrorCode::invalid_argument,
                texts.front().file + ": " + counted(count_characters(life.text), "character") +
                    (texts.size() > 1 ? " with the other texts" : "") +
                    " fill no page of 106 x 53 cells; give a longer history");
  return life;
}

}  // namespace fovea::memctl
