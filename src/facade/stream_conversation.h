#pragma once

#include <map>
#include <span>
#include <string>

#include "fovea/memory.h"
#include "memory/store.h"

namespace fovea {

/// What a message was given as, for its identity.
std::string given_of(const Message& message);

/// One of the conversations that came from a stream, such as a file of that path or stdin.
struct StreamConversation {
  std::string key;        ///< see conversation_key
  bool may_be_older = false;  ///< its messages may be there from before identities were noted
};

/// Finds the conversation that a stream goes on with by how it begins, so that the same file again,
/// or grown, adds nothing twice, while another conversation of that name loses none of its messages,
/// however many of them are equal. It goes on with one
/// - that has all of the beginning,
/// - all of which is there, in the beginning, or
/// - that has eight messages of the beginning in a row;
/// otherwise it is another one.
class ConversationFinder {
 public:
  /// Messages to look at, and bytes of their text; more change nothing.
  static constexpr std::size_t kMessages = 64, kBytes = 4 << 20;

  ConversationFinder(const Store& store, ScopeId scope) : store_(store), scope_(scope) {}

  /// `beginning`: the stream's first messages; those with an id of their own are passed over.
  StreamConversation find(const std::string& stream, std::span<const Message> beginning) const;

 private:
  const Store& store_;
  ScopeId scope_;
};

}  // namespace fovea
