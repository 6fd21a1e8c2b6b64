#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/renderer.h"
#include "fovea/time.h"
#include "memctl/measurement/texts.h"

namespace fovea::memctl {

inline constexpr Time kDay = 86'400;

/// A message of a life: bytes of its text, and when it was said.
struct LifeMessage {
  std::size_t begin = 0, end = 0;
  std::string role;
  Time time = 0;
};

/// A page that the text fills, as a store makes it.
struct LifePage {
  std::size_t begin = 0, end = 0;
  Time time = 0;  ///< of its last message
  std::size_t characters = 0, text_tokens = 0;
};

/// An agent's life: texts one after the other, spread over simulated days. Each day has as many
/// bytes of them as any other; a message is said when its first byte's turn comes.
struct Life {
  std::string text;
  int days = 0;
  std::vector<LifeMessage> messages;
  std::vector<LifePage> pages;

  std::string_view text_of(const LifePage& page) const {
    return std::string_view(text).substr(page.begin, page.end - page.begin);
  }
  /// When a day, counted from 0, is over.
  Time end_of_day(int day) const;
  /// Of the messages that were said by then.
  std::size_t messages_until(Time time) const;
  std::size_t bytes_until(Time time) const;
  /// How many pages the first `bytes` fill.
  std::size_t pages_until(std::size_t bytes) const;
  /// The day, counted from 0, on which something was said.
  int day_of(Time time) const;
};

/// Plain text has no messages and is cut at its lines. Throws Error(invalid_argument) where the
/// texts do not fill a page.
Life life_of(const std::vector<Text>& texts, int days, const Renderer& renderer);

}  // namespace fovea::memctl
