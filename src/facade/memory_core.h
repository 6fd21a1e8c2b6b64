#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facade/kept_text.h"
#include "facade/readings.h"
#include "facade/stream_conversation.h"
#include "fovea/document_renderer.h"
#include "fovea/memory.h"
#include "memory/store.h"
#include "recovery/recovered_page.h"

namespace fovea {

/// The beam width of what is measured, and of what corrections are made of and put into: they fit no
/// other reading.
inline constexpr int kGreedy = 1;

/// A stream as far as it was read; the next messages may come in another call.
struct StreamState {
  std::size_t number = 0;  ///< of its last message
  StreamConversation conversation;
};

/// What the parts of the facade share: the store, and the checkpoint once it is needed.
struct MemoryCore {
  MemoryCore(const std::string& store_path, const std::string& checkpoint, const Scope& scope,
             const CodecOptions& options, const KeySource& key, Access access);

  // Opened at the first need of it.
  const Codec& codec() const;
  /// The characters of the checkpoint's pages of cells, with the space: no two share a unit of text.
  const CodePoints* alphabet() const;
  const Renderer& renderer() const;
  const DocumentRenderer& documents() const;

  /// `given`, otherwise the scope's, otherwise the standard one.
  Policy policy_for(ScopeId scope, const std::optional<Policy>& given = {}) const;

  /// The scope's row, made when it is new.
  ScopeId scope();
  /// Throws Error(not_found) when the store has nothing of the scope.
  ScopeId known_scope() const;
  /// That it has nothing, with the names of scopes that are written much like it: those of its user,
  /// or anyone's.
  std::string has_nothing(bool of_everyone = false) const;

  /// Throws Error(invalid_argument) naming what the checkpoint reads.
  void require_readable(Level level) const;
  void require_readable(Density density) const;
  void require_readable(Layout layout) const;

  /// What vision tokens read; pages read lately are not decoded again.
  std::vector<ReadPage> decode(std::span<const VisionTokens> tokens, int beam_width) const;
  /// What the vision tokens of a page read, with its anchors and corrections.
  RecoveredPage recover(ScopeId scope, PageId page, const VisionTokens& tokens,
                        const ReadPage& read) const;
  /// The exact text where it is kept, archived or row by row; no tokens are read.
  std::optional<KnownText> kept_text(ScopeId scope, const StoredPage& page) const;
  /// What a reading of the page's tokens and its corrections give.
  KnownText recovered_text(ScopeId scope, const StoredPage& page, const VisionTokens& tokens,
                           const ReadPage& read) const;
  /// The one, otherwise the other.
  KnownText known_text(ScopeId scope, const StoredPage& page) const;
  /// The exact text while it is known: kept, or read back and proved by its corrections.
  std::optional<std::string> exact_text(ScopeId scope, const StoredPage& page) const;
  /// The exact text while it is known, otherwise what can be recovered.
  std::string text_of_page(ScopeId scope, const StoredPage& page) const;
  /// `text` drawn at 1280 as `page` is laid out. Of cells the first page that it fills; what filled
  /// a page of a checkpoint that knows fewer characters one by one does so again.
  Page draw(std::string_view text, const StoredPage& page) const;
  /// Encodes pages drawn at 1280 as `level` shows them.
  std::vector<VisionTokens> encode(std::span<const Page> drawn, Level level) const;

  /// A page whose time is not over. Throws Error(not_found).
  StoredPage served_page(ScopeId scope, PageId id) const;
  /// The verbatim text without the messages whose time is over.
  Verbatim served_verbatim(ScopeId scope) const;

  /// A round of forgetting; a dry run takes no step, and finds out which words it would lose.
  AgeResult age(const AgeOptions& options, bool dry_run);

  /// What the scope holds, by level.
  std::map<Level, LevelSummary> levels() const;

  Store store;
  Scope scope_name;
  std::string checkpoint;
  CodecOptions codec_options;
  Embedder embedder;  ///< without a name: there is none
  std::function<void(const Event&)> on_event;
  std::map<std::string, StreamState> streams;  ///< that were read, by name

 private:
  // Mutable, since reading may be what needs them first; once there they never change, but for
  // `readings_`.
  mutable std::shared_ptr<const Codec> codec_;  ///< shared with the other memories of the process
  mutable std::optional<CodePoints> alphabet_;
  mutable std::shared_ptr<const Renderer> renderer_;  ///< so, too
  mutable std::unique_ptr<DocumentRenderer> documents_;
  mutable Readings readings_;  ///< the last ones
};

struct Memory::Impl : MemoryCore {
  using MemoryCore::MemoryCore;
};

/// All pages of a scope, read from the store in stretches. `each` returning false ends it.
void for_each_page(const Store& store, ScopeId scope,
                   const std::function<bool(const StoredPage&)>& each);

/// The key, if there is a source of one.
std::optional<Key> key_of(const KeySource& source);

/// Seconds since 1970 by the system's clock.
Time time_now();
/// What expired then is served no more, whether or not it was erased already. 0: never.
bool is_over(Time expires);

}  // namespace fovea
