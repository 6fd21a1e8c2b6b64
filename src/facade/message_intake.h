#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "facade/memory_core.h"
#include "facade/secrets.h"

namespace fovea {

/// Messages on their way into the store, for one call of `add` or `finish`: secrets are taken out of
/// them, a stream's conversation is found by how it begins, each gets its identity, and what the
/// scope has already is passed over.
class MessageIntake {
 public:
  /// `memory` and `options` must outlive this.
  MessageIntake(MemoryCore& memory, ScopeId scope, const MemoryOptions& options);
  MessageIntake(const MessageIntake&) = delete;

  void add(Message message);
  /// No more messages come.
  void end();
  /// As much has come as is stored in one transaction.
  bool is_full() const;
  /// Stores what has come.
  void store();
  /// Embeds the pieces that this call has added. Of text that is not kept on pages only what is on
  /// none yet in the end.
  void embed();
  /// Adds what was skipped, kept out and taken out.
  void count_into(CompactResult& result) const;

 private:
  void take(Message message);
  bool begins_stream(const StreamPlace& place) const;
  void find_conversation();
  void keep(Message message);

  MemoryCore& memory_;
  ScopeId scope_;
  const MemoryOptions& options_;
  std::int64_t
      embedded_until_;  ///< the place of the last piece that is none of this call's to embed
  std::vector<Message> beginning_;  ///< of a stream whose conversation is not known yet
  std::size_t beginning_bytes_ = 0;
  std::vector<NewMessage> pending_;
  std::size_t pending_bytes_ = 0;
  std::size_t skipped_ = 0, erased_ = 0;  ///< messages
  SecretFilter filter_{[this](Message message) { take(std::move(message)); }};
};

}  // namespace fovea
