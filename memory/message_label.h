#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

/// What the beginning of a message says of it.
struct MessageLabel {
  std::string label;      ///< who speaks: "user", "Caroline", "user: Caroline"; empty: nobody
  std::size_t begin = 0;  ///< byte of the message where its own words begin
};

/// Readers of transcripts write a line such as `user:` or `assistant (thinking):` before what was
/// said: that line is the label, and no part of a piece. A name before the first words, as in
/// "Caroline: Hello.", belongs to it, too. A line that names a tool's call or result stays a part of
/// the text, without a label.
MessageLabel label_of(std::string_view role, std::string_view text);

/// A label, read again.
struct Voice {
  std::string role;           ///< of the message
  std::string label;          ///< as label_of gave it
  std::string speaker;        ///< the name of a person; empty: none is said
  bool spoken = false;        ///< the name stood before the first words: it may be no name
  bool is_user = false;       ///< what a person typed to an assistant
  bool is_assistant = false;
  std::size_t messages = 0;
};
Voice voice_of(std::string_view role, std::string_view label);

}  // namespace fovea
