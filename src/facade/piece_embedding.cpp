#include "facade/piece_embedding.h"

#include <utility>

#include "facade/event_recorder.h"
#include "fovea/error.h"

namespace fovea {
namespace {

[[noreturn]] void refuse(const Embedder& embedder, const std::string& what) {
  throw Error(ErrorCode::invalid_argument, "embedder " + embedder.name + ": " + what);
}

/// One vector a text, as many numbers as the embedder says.
std::vector<std::vector<float>> embedded(const Embedder& embedder,
                                         const std::vector<std::string>& texts) {
  auto vectors = embedder.embed(texts);
  if (vectors.size() != texts.size())
    refuse(embedder, "gave " + std::to_string(vectors.size()) + " vectors for " +
                         std::to_string(texts.size()) + " texts; expected one per text");
  for (const std::vector<float>& vector : vectors) {
    if (vector.empty()) refuse(embedder, "gave a vector without numbers");
    if (embedder.dimensions != 0 && vector.size() != embedder.dimensions)
      refuse(embedder, "gave a vector of " + std::to_string(vector.size()) + " numbers; expected " +
                           std::to_string(embedder.dimensions));
  }
  return vectors;
}

}  // namespace

QuestionVector meaning_of(const MemoryCore& memory, std::string_view question,
                          std::span<const Condition> where) {
  const Embedder& embedder = memory.embedder;
  if (embedder.name.empty()) return {};
  const auto text = memory.store.to_be_embedded(embedder.name, memory.scope_name, question, where);
  if (!text) return {};
  return {.embedder = embedder.name, .values = std::move(embedded(embedder, {*text}).front())};
}

bool embed_pieces_after(MemoryCore& memory, ScopeId scope, std::int64_t after,
                        const std::function<bool(std::size_t)>& each) {
  const Embedder& embedder = memory.embedder;
  if (embedder.name.empty()) return true;
  while (true) {
    const auto pieces = memory.store.pieces_without_vector(scope, after, embedder.batch);
    if (pieces.empty()) return true;
    std::vector<std::string> texts;
    for (const Piece& piece : pieces) texts.push_back(*piece.text);
    memory.store.set_vectors(scope, embedder.name, pieces, embedded(embedder, texts));
    after = pieces.back().place;
    if (!each(pieces.size())) return false;
  }
}

std::string no_shared_word(const MemoryCore& memory, ScopeId scope) {
  const VectorStats vectors = memory.store.vector_stats(scope);
  const std::string why = "no text here shares a word with the query";
  if (!memory.embedder.name.empty())
    return why + ", and no piece has a vector from embedder " + memory.embedder.name +
           "; `memctl embed` (Memory::embed_pieces) makes them";
  if (!vectors.embedder.empty())
    return why + "; the pieces have vectors from embedder " + vectors.embedder +
           ": give it to search by meaning too";
  return why + "; an embedder (memctl --embedder, Memory's embedder) also finds by meaning";
}

void Memory::use_embedder(Embedder embedder) {
  if (embedder.name.empty() != !embedder.embed)
    throw Error(
        ErrorCode::invalid_argument,
        "embedder: expected a name, which identifies the model, and a function; or neither, "
        "for no embedder");
  if (!embedder.name.empty() && embedder.batch == 0)
    throw Error(ErrorCode::invalid_argument, "embedder " + embedder.name + ": batch is 0 texts; give 1 or more");
  impl_->embedder = std::move(embedder);
}

EmbedResult Memory::embed_pieces(const EmbedOptions& options) {
  if (impl_->embedder.name.empty())
    throw Error(ErrorCode::invalid_argument,
                "embed: there is no embedder; give one (memctl --embedder URL#MODEL)");
  const EventRecorder record(*impl_, "embed");
  const ScopeId scope = impl_->known_scope();
  EmbedResult result;
  if (options.replace)
    result.removed = impl_->store.remove_vectors(scope);
  else
    impl_->store.require_embedder(scope, impl_->embedder.name);
  const VectorStats before = impl_->store.vector_stats(scope);
  result.known = before.with_vector;
  const std::size_t total = before.pieces - std::min(before.pieces, before.with_vector);
  const bool whole = embed_pieces_after(*impl_, scope, 0, [&](std::size_t pieces) {
    result.pieces += pieces;
    return !options.progress || options.progress(result.pieces, std::max(total, result.pieces));
  });
  result.stopped = !whole;
  record.done(0, 0);
  return result;
}

}  // namespace fovea
