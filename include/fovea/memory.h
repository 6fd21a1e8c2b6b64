#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/codec.h"
#include "fovea/context.h"
#include "fovea/embedder.h"
#include "fovea/erase.h"
#include "fovea/event.h"
#include "fovea/key.h"
#include "fovea/level.h"
#include "fovea/listing.h"
#include "fovea/measure.h"
#include "fovea/message.h"
#include "fovea/policy.h"
#include "fovea/recall.h"
#include "fovea/renderer.h"
#include "fovea/scope.h"
#include "fovea/search.h"
#include "fovea/stats.h"

namespace fovea {

enum class Archive {
  keep,
  /// Only vision tokens are stored, and of what cannot be read back from them as well as the policy's
  /// sharpest band asks the exact text. Each page is looked at for that.
  drop,
};
/// "keep" or "drop". Throws Error(invalid_argument).
Archive archive_from_name(std::string_view name);

struct MemoryOptions {
  Archive archive = Archive::keep;       ///< of the exact text
  /// Without archive: a page is still found by its words, which are kept hashed. They show how often
  /// each word stands where, and whoever has the store can test guesses; false keeps none.
  bool keep_words = true;
  /// Absent: the one that the checkpoint was trained on; another is an error.
  std::optional<Layout> layout;
  Density density = Density::d106;       ///< of layout cells
  std::optional<Level> level;            ///< absent: what the policy gives a page of that age
  /// How the scope's pages fade from now on, kept in the store. Absent: as the store has it. Throws
  /// Error(invalid_argument) for one that JSON cannot say.
  std::optional<Policy> policy;
  /// When the messages that this call adds are to be erased (by `age`), 0: never. A page holds
  /// messages of one such date only, so the one before it may be part-filled.
  Time expires = 0;
  /// Pages a level whose fidelity is measured by reading them back while they are written:
  /// -1 all, 0 none.
  int measured_pages = 8;
  /// Keys and tokens of known kinds (models/secrets.json), and what stands between <private> and
  /// </private>, are replaced by a mark before anything is stored; true keeps them.
  bool keep_secrets = false;
  /// Messages that were erased from the scope stay away when their source is read again; true lets
  /// them in.
  bool restore_erased = false;
  /// Of the whole history, 0: what its source says. Spreads the measured pages over it and gives
  /// `progress` its total; a rough figure will do.
  std::size_t expected_characters = 0;
  /// Called after each page: pages done, pages expected (0: not known). Returning false stops
  /// cleanly after that page.
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

struct CompactResult {
  std::size_t pages = 0;           ///< written by this call
  std::size_t characters = 0;      ///< Unicode characters on those pages
  std::size_t text_tokens = 0;     ///< what they would cost as text (see count_text_tokens)
  std::size_t vision_tokens = 0;   ///< what they cost now
  std::size_t text_bytes = 0;      ///< of their text
  std::size_t token_bytes = 0;     ///< of their vision tokens, as stored
  std::map<Level, LevelSummary> levels;
  /// Pages that keep exact text beside their tokens though the archive is dropped, as it cannot be
  /// read back from them.
  std::size_t kept_exact = 0;
  /// Pages measured that are read back worse than the policy's sharpest band asks; with an archive
  /// also not as well as most pages of their level.
  std::size_t below_floor = 0;
  /// Characters of the pages that the checkpoint's alphabet lacks, by script ("Hangul", "signs",
  /// "controls", "bytes" that are not UTF-8): of all pages, measured or not. Their vision tokens do
  /// not give them back; the archive does, or the exact text kept beside them.
  std::map<std::string, std::size_t> outside_alphabet = {};
  std::size_t verbatim_characters = 0;  ///< not yet a page
  std::map<std::string, std::size_t> secrets = {};  ///< replaced by a mark, by kind
  std::size_t skipped_messages = 0;     ///< already in the store, or erased from it
  std::size_t erased_messages = 0;      ///< of these, kept out because they were erased
  LeftOut left_out = {};                ///< by the messages' source, see MessageSource
  bool stopped = false;                 ///< by `progress`; call again to go on

  /// Adds what a later call came to.
  CompactResult& operator+=(const CompactResult& later);
};

struct AgeResult {
  std::vector<Step> steps;
  std::vector<Refusal> refused;
  std::vector<std::int64_t> archives;  ///< pages whose exact text went, as the policy has it
  std::size_t measured = 0;       ///< levels of pages that were read back to find out
  std::size_t vision_tokens = 0;  ///< what the scope's pages take after the steps
  /// Of `plan`: by page, the words on it that it would no longer be read back with.
  std::map<std::int64_t, std::vector<std::string>> lost_words;
  std::optional<EraseReceipt> expired;  ///< what was erased because its date had come
  bool stopped = false;
};

struct MigrateOptions {
  /// Folder of the checkpoint that made the tokens: reads pages whose exact text was not kept.
  std::string old_checkpoint;
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

struct MigrateResult {
  std::size_t pages = 0;  ///< encoded anew
  std::size_t known = 0;  ///< had tokens of the loaded checkpoint already
  std::vector<Refusal> refused;
  std::size_t corrected = 0;  ///< of `pages`, those that had corrections and have new ones
  std::vector<Refusal> uncorrected;  ///< of `pages`, those that lost their corrections, and why
  bool stopped = false;   ///< by `progress`; call again to go on
};

struct AgeOptions {
  std::optional<Policy> policy{};  ///< for this round; absent: the scope's (see Memory::policy)
  std::optional<Time> now{};       ///< absent: the clock
  std::optional<Level> to{};       ///< take every unpinned page to this level, whatever its age
  bool keep_words = true;          ///< of pages whose exact text goes, hashed (see MemoryOptions)
  /// Called after each measurement and each step. Returning false stops; the next call goes on.
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};

/// The memory of agents: one store file, one checkpoint, one scope. A `Memory` belongs to one
/// thread at a time, its const functions too: they load the checkpoint and the index when they
/// first need them. Several processes may share the store file.
class Memory {
 public:
  /// Opens or creates the store. The checkpoint is loaded at the first need of it.
  /// Throws Error(unsupported) for a store of a newer version, Error(corruption), Error(io).
  /// `key`: of an encrypted store, and makes a new store an encrypted one. Throws
  /// Error(invalid_argument) when it is wrong, missing or the store is not encrypted.
  Memory(const std::string& store, const std::string& checkpoint, Scope scope = {},
         CodecOptions codec = {}, const KeySource& key = {});
  ~Memory();
  Memory(Memory&&) noexcept;
  Memory& operator=(Memory&&) noexcept;

  /// Adds all messages of a source, such as a HistoryReader; every full page is drawn, encoded and
  /// stored in a transaction of its own, the rest stays verbatim. Messages already in the scope are
  /// skipped. What an embedder throws comes after the messages are stored; `embed_pieces` makes up
  /// for it.
  CompactResult add(MessageSource& source, const MemoryOptions& options = {});
  /// The same of one message.
  CompactResult add(Message message, const MemoryOptions& options = {});
  /// What `role` said (see make_message), as a message that is always new.
  CompactResult add(std::string_view text, std::string_view role = "user",
                    const MemoryOptions& options = {});
  /// Turns the verbatim rest into a part-filled page.
  CompactResult finish(const MemoryOptions& options = {});

  /// Pages in order, then for an id 0 the text that fills no page yet. A page that is recalled fades
  /// later. Throws Error(not_found) naming the id, and with Source::archive where the exact text was
  /// not kept.
  std::vector<Recalled> recall(const std::vector<std::int64_t>& ids, Source source);
  /// The pieces that answer a question best, of those whose text is kept, also where they are on no
  /// page yet; with conditions (role, source, time) those of messages that meet them all. A page that
  /// one is on fades later. Throws Error(invalid_argument) for an empty query and a condition that
  /// cannot be.
  std::vector<RecalledPiece> recall_pieces(std::string_view query, int k = 3,
                                           const std::vector<Condition>& where = {});
  /// All pages in order, then the verbatim rest; no page fades later for it. With `each`, every item
  /// is handed to it as soon as it is read instead of being returned; false ends it.
  std::vector<Recalled> recall_all(Source source,
                                   const std::function<bool(const Recalled&)>& each = {}) const;
  /// Pages that answer a question by their words, and with an embedder by their meaning; of other
  /// scopes of the same user only where a condition asks for them. Without an embedder a question
  /// that shares no word with them finds nothing. No model is called but the embedder, for the
  /// question, and the checkpoint's own. Throws Error(invalid_argument) for an empty query, a condition
  /// that cannot be, and pieces with another embedder's vectors.
  SearchResult search(std::string_view query, const SearchOptions& options) const;
  /// Its hits alone.
  std::vector<Hit> search(std::string_view query, int k = 10) const;
  /// What to put into the next prompt: pinned pages, then the newest pages at their level, older
  /// first; then recent text; then pages that match the query, read back. Never over the budget.
  /// Pictures where the target reads them and they cost less than their text. Changes nothing; no
  /// page fades later for it. Empty for an empty scope. Throws Error(invalid_argument) naming the
  /// least budget when nothing fits, and for a target or format that does not exist.
  Context context(const ContextOptions& options = {}) const;

  /// One round of forgetting. By fidelity, each page is tried at coarser levels first: drawn,
  /// encoded, read back and compared with its exact text, while that is known.
  AgeResult age(const AgeOptions& options = {});
  /// What `age` would do, and which words that would lose. Keeps nothing but what it measured.
  AgeResult plan(const AgeOptions& options = {});
  /// Takes the page back to a sharper level (absent: the one before its last step down) while its
  /// exact text is known. It then fades later, as if recalled. Throws Error(not_found) without the
  /// text, Error(invalid_argument) where there is nothing to undo.
  Step promote(std::int64_t id, std::optional<Level> to = {});
  void pin(std::int64_t id, bool pinned = true);
  EraseReceipt erase(const std::vector<std::int64_t>& ids);
  /// The same for messages and for parts of pages: what is left of a page is drawn anew at its level.
  /// Erased messages of a source stay away (see MemoryOptions::restore_erased). Throws
  /// Error(invalid_argument) where nothing is asked for, Error(not_found) for a span of a page whose
  /// exact text is not kept.
  EraseReceipt erase(const EraseOptions& options);
  EraseReceipt erase_scope();

  /// Ranks by meaning, too, from now on: what `add` adds is embedded as it is stored, and so are
  /// questions. An embedder without a name: by words alone. Throws Error(invalid_argument) for a name
  /// without a function.
  void use_embedder(Embedder embedder);
  /// Embeds the scope's pieces that have no vector, as they were stored without an embedder or by a
  /// call that ended early. Throws Error(invalid_argument) without an embedder, and where there are
  /// another one's vectors, unless they are to be replaced; Error(not_found) for an empty scope.
  EmbedResult embed_pieces(const EmbedOptions& options = {});

  /// Encodes the scope's pages anew whose tokens another checkpoint made, each at its level.
  MigrateResult migrate(const MigrateOptions& options = {});
  /// Writes a copy of the whole store, all scopes, to a new file while others use it.
  void backup(const std::string& path) const;
  /// Writes all that the scope has to a new file: a store of its own, encrypted with `key` if there
  /// is one. Returns its pages. Throws Error(not_found) for an empty scope.
  std::size_t export_scope(const std::string& path, const KeySource& key = {}) const;
  /// Takes what a file has into this scope, which must be empty. `which`: of a file with several.
  /// Returns its pages.
  std::size_t import_scope(const std::string& path, const KeySource& key = {},
                           const std::optional<Scope>& which = {});
  /// Has the store open with another key from now on. Throws Error(invalid_argument) when it is not
  /// encrypted.
  void change_key(const KeySource& key);
  /// Tells of each operation that ended well, in the thread that called it; empty: tells nobody.
  void on_event(std::function<void(const Event&)> listener);

  /// How the scope's pages fade: as the last `add` or `finish` that gave a policy said, otherwise
  /// Policy::standard().
  Policy policy() const;
  Stats stats() const;
  /// Pages in order. Throws Error(invalid_argument) for a condition that cannot be.
  std::vector<PageInfo> pages(const ListOptions& options = {}) const;
  /// The messages held, in order, on pages and on none yet. Throws as `pages` does.
  std::vector<MessageInfo> messages(const ListOptions& options = {}) const;
  /// What the store holds of the user's scopes, by name; with `of_everyone` of all users'.
  std::vector<ScopeInfo> scopes(bool of_everyone = false) const;
  /// Throws Error(not_found) where the store has nothing of the scope. The message names scopes that
  /// are written much like it, whoever's they are.
  void require_scope() const;
  /// The text that fills no page yet, which `search` does not know.
  std::string verbatim() const;
  /// The page's picture as it is remembered at `level` (absent: at its level), drawn from the
  /// archive or, without one, from what its tokens read back.
  Page picture(std::int64_t id, std::optional<Level> level = {}) const;
  /// Checks file, schema, tokens, checkpoint and index; one line a finding, none when sound.
  std::vector<std::string> verify() const;

  const Renderer& renderer() const;
  const Codec& codec() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
