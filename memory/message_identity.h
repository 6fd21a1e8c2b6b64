#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

/// What makes two messages the same: which one of its source it is, and what was given. Each is the
/// start of a SHA-256, 16 bytes; together they stand in the table of messages.
struct MessageIdentity {
  std::string which;
  std::string given;

  std::string bytes() const { return which + given; }
};

/// Of a message whose source gives it an id of its own.
MessageIdentity identity_by_id(std::string_view id, std::string_view given);

/// A conversation that was read from a stream (a file's path, "stdin"). Several may have come from
/// the same one in turn: 1, 2, 3 ...
std::string conversation_key(std::string_view stream, int conversation);
/// Of a message without an id: the how manyth it is of those in its conversation that were given
/// alike.
MessageIdentity identity_by_occurrence(const std::string& conversation_key, std::size_t occurrence,
                                       std::string_view given);

/// Of a piece of a plain text, from byte `offset` of the stream on.
MessageIdentity identity_of_piece(std::string_view stream, std::size_t offset,
                                  std::string_view text);

/// `given` of a message of which no more is known than its role and text.
std::string given_by_text(std::string_view role, std::string_view text);

}  // namespace fovea
