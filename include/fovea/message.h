#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/time.h"

namespace fovea {

/// The position of a message whose source gives it no id.
struct StreamPlace {
  std::string stream;          ///< a file's full path, or "stdin"
  std::size_t number = 0;      ///< of the message in the stream, from 1
  std::size_t occurrence = 0;  ///< among the stream's messages with the same `given`, from 1
  /// For a piece of plain text: the byte of the stream at which it begins.
  std::optional<std::size_t> offset = {};
};

/// One message of a history, as a reader of a transcript hands it over.
struct Message {
  std::string role;
  std::string text;       ///< as it is put onto pages, with its role line
  Time time = 0;          ///< 0: not known
  /// What the source calls it. Together with `given` and `place` it identifies the message, so that
  /// it is added only once. Empty: the message is always new.
  std::string source_id;
  /// Kind, role and content as in the source (compact JSON), however `text` renders them; empty:
  /// there is nothing beyond role and text.
  std::string given = {};
  std::optional<StreamPlace> place = {};  ///< absent: source_id alone identifies the message
};

/// Makes a message of what `role` said: a line with the role, the text, an empty line. Throws
/// Error(invalid_argument) for an empty role.
Message make_message(std::string_view role, std::string_view text, Time time = 0,
                     std::string source_id = {});

/// How many items a reader left out on purpose, by kind ("image", "encrypted reasoning", the type
/// of a line).
using LeftOut = std::map<std::string, std::size_t>;

/// Gives messages one at a time: a HistoryReader, or the caller's own class.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  /// The next message; nothing at the end. May throw: what came before is stored, the call ends.
  virtual std::optional<Message> next() = 0;
  /// What was left out so far.
  virtual LeftOut left_out() const { return {}; }
  /// Rough length of all messages together; 0: not known.
  virtual std::size_t expected_characters() const { return 0; }

 protected:
  MessageSource() = default;
  MessageSource(const MessageSource&) = default;
  MessageSource& operator=(const MessageSource&) = default;
};

}  // namespace fovea
