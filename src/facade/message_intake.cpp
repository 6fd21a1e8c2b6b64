#include "facade/message_intake.h"

#include <utility>

#include "facade/piece_embedding.h"
#include "facade/stream_conversation.h"

namespace fovea {
namespace {

constexpr std::size_t kBatchBytes = 64 * 1024;  // stored in one transaction

/// Takes off what the scope already has of a piece of plain text. False when nothing is left.
bool take_off_known(const Store& store, ScopeId scope, Message& message) {
  StreamPlace& place = *message.place;
  const std::string name = message.source_id.substr(0, message.source_id.rfind('@') + 1);
  while (const std::size_t known = store.known_beginning(scope, place.stream, *place.offset,
                                                         message.source_id, message.text)) {
    *place.offset += known;
    message.source_id = name + std::to_string(*place.offset);
    message.text.erase(0, known);
    if (message.text.empty()) return false;
  }
  return true;
}

}  // namespace

MessageIntake::MessageIntake(MemoryCore& memory, ScopeId scope, const MemoryOptions& options)
    : memory_(memory),
      scope_(scope),
      options_(options),
      embedded_until_(memory.store.last_place(scope)) {}

void MessageIntake::add(Message message) {
  if (options_.keep_secrets)
    take(std::move(message));
  else
    filter_.put(std::move(message));
}

void MessageIntake::end() {
  filter_.flush();
  find_conversation();
}

bool MessageIntake::is_full() const { return pending_bytes_ >= kBatchBytes; }

void MessageIntake::take(Message message) {
  const bool piece = message.place && message.place->offset;
  if (piece && !take_off_known(memory_.store, scope_, message)) {
    ++skipped_;
    return;
  }
  const bool begins = message.place && !piece && begins_stream(*message.place);
  if (begins) find_conversation();
  if (begins || !beginning_.empty()) {
    beginning_bytes_ += message.text.size();
    beginning_.push_back(std::move(message));
    const bool enough = beginning_.size() >= ConversationFinder::kMessages ||
                        beginning_bytes_ >= ConversationFinder::kBytes;
    if (enough) find_conversation();
  } else {
    keep(std::move(message));
  }
}

/// Of the first message without an id of its own of a stream that is read from its beginning.
bool MessageIntake::begins_stream(const StreamPlace& place) const {
  if (!beginning_.empty() && beginning_.front().place->stream == place.stream)
    return place.number <= beginning_.front().place->number;
  const auto known = memory_.streams.find(place.stream);
  return known == memory_.streams.end() || place.number <= known->second.number;
}

/// Of the stream whose beginning was read.
void MessageIntake::find_conversation() {
  if (beginning_.empty()) return;
  store();  // it may go on with what was just read
  const std::string stream = beginning_.front().place->stream;
  memory_.streams[stream] = {0, ConversationFinder(memory_.store, scope_).find(stream, beginning_)};
  beginning_bytes_ = 0;
  for (Message& message : std::exchange(beginning_, {})) keep(std::move(message));
}

void MessageIntake::keep(Message message) {
  const std::string given = given_of(message);
  NewMessage kept{.role = std::move(message.role),
                  .text = std::move(message.text),
                  .time = message.time,
                  .source_id = std::move(message.source_id),
                  .expires = options_.expires};
  if (message.place && message.place->offset) {
    kept.identity = identity_of_piece(message.place->stream, *message.place->offset, kept.text);
  } else if (message.place) {
    StreamState& state = memory_.streams[message.place->stream];
    state.number = message.place->number;
    kept.identity =
        identity_by_occurrence(state.conversation.key, message.place->occurrence, given);
    kept.may_be_older = state.conversation.may_be_older;
  } else if (!kept.source_id.empty()) {
    kept.identity = identity_by_id(kept.source_id, given);
  }
  pending_bytes_ += kept.text.size();
  pending_.push_back(std::move(kept));
}

void MessageIntake::store() {
  if (pending_.empty()) return;
  if (!options_.restore_erased) erased_ += memory_.store.count_erased(scope_, pending_);
  const std::size_t added = memory_.store.add_messages(scope_, pending_, options_.restore_erased);
  skipped_ += pending_.size() - added;
  pending_.clear();
  pending_bytes_ = 0;
  if (options_.archive == Archive::keep) embed();
}

void MessageIntake::embed() {
  embed_pieces_after(memory_, scope_, embedded_until_, [](std::size_t) { return true; });
  if (!memory_.embedder.name.empty()) embedded_until_ = memory_.store.last_place(scope_);
}

void MessageIntake::count_into(CompactResult& result) const {
  result.skipped_messages += skipped_;
  result.erased_messages += erased_;
  result.secrets = filter_.counts();
}

}  // namespace fovea
