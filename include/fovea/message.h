#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/time.h"

namespace fovea {

/// Where a message stands whose source has no id of its own for it.
struct StreamPlace {
  std::string stream;          ///< a file's full path, or "stdin"
  std::size_t number = 0;      ///< 1, 2, 3 ... of the stream's messages
  std::size_t occurrence = 0;  ///< 1, 2, 3 ... of those among them that were given alike
  /// Of a piece of plain text: the byte of the stream at which it begins.
  std::optional<std::size_t> offset = {};
};

/// One message of a history, as a reader of a transcript hands it over.
struct Message {
  std::string role;
  std::string text;       ///< as it goes onto pages, with its role line
  Time time = 0;          ///< 0: not known
  /// What its source calls it. With `given` and `place` it makes the message's identity, so that
  /// the same message is added once; empty: it is always new.
  std::string source_id;
  /// Kind, role and content as the source has them (compact JSON), whatever `text` makes of them;
  /// empty: role and text are all that there is.
  std::string given = {};
  std::optional<StreamPlace> place = {};  ///< absent: source_id is the message's own
};

/// What `role` said, as it goes onto pages: a line with the role, the text, an empty line. Throws
/// Error(invalid_argument) for an empty role.
Message make_message(std::string_view role, std::string_view text, Time time = 0,
                     std::string source_id = {});

/// What a reader left out on purpose, by kind ("image", "encrypted reasoning", a line's type).
using LeftOut = std::map<std::string, std::size_t>;

/// Where messages come from, one at a time: a HistoryReader, or a class of the caller's own.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  /// The next message; nothing at the end. May throw: what came before is stored, the call ends.
  virtual std::optional<Message> next() = 0;
  /// What was left out so far.
  virtual LeftOut left_out() const { return {}; }
  /// Of all messages together, roughly; 0: not known.
  virtual std::size_t expected_characters() const { return 0; }

 protected:
  MessageSource() = default;
  MessageSource(const MessageSource&) = default;
  MessageSource& operator=(const MessageSource&) = default;
};

}  // namespace fovea
