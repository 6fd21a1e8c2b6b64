#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/access.h"
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

/// What happens to the exact text once it is on a page.
enum class Archive {
  keep,  ///< stored beside the vision tokens, compressed
  /// Only vision tokens are stored. Text that they do not give back as well as the policy's
  /// sharpest band asks keeps its exact form beside them; every page is checked for that.
  drop,
};
/// "keep" or "drop". Throws Error(invalid_argument).
Archive archive_from_name(std::string_view name);

struct MemoryOptions {
  Archive archive = Archive::keep;
  /// With Archive::drop: keep hashes of each page's words, so that search still finds it. The
  /// hashes reveal how often a word occurs, and whoever has the store can test guesses against
  /// them.
  bool keep_words = true;
  /// Absent: the layout that the checkpoint was trained on. Any other is an error.
  std::optional<Layout> layout;
  Density density = Density::d106;  ///< for layout cells
  std::optional<Level> level;       ///< absent: chosen by the policy from the page's age
  std::optional<Time> now{};        ///< what ages count to; absent: the current time
  /// How the scope's pages fade from now on; saved in the store. Absent: the policy saved there.
  /// Throws Error(invalid_argument) for a policy that JSON cannot express.
  std::optional<Policy> policy;
  /// When `age` is to erase the messages that this call adds; 0: never. All messages of a page have
  /// the same date, so the page before a change of date may be part-filled.
  Time expires = 0;
  /// How many pages of each level are read back as they are written, to measure fidelity:
  /// -1 all, 0 none.
  int measured_pages = 8;
  /// False: API keys and tokens of known kinds (models/secrets.json), and text between <private>
  /// and </private>, are replaced by a mark before anything is stored.
  bool keep_secrets = false;
  /// False: messages that were erased from the scope stay out when their source is read again.
  bool restore_erased = false;
  /// Length of the whole history; 0: as its source says. A rough figure will do: it spreads the
  /// measured pages over the history and gives `progress` its total.
  std::size_t expected_characters = 0;
  /// Called after each page: pages done, pages expected (0: not known). Returning false stops
  /// cleanly after that page.
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

struct CompactResult {
  std::size_t pages = 0;           ///< written by this call
  std::size_t characters = 0;      ///< Unicode characters on those pages
  std::size_t text_tokens = 0;     ///< cost of those pages as text (see count_text_tokens)
  std::size_t vision_tokens = 0;   ///< cost of those pages now
  std::size_t text_bytes = 0;      ///< size of their text
  std::size_t token_bytes = 0;     ///< size of their vision tokens, as stored
  std::map<Level, LevelSummary> levels;
  /// With Archive::drop: pages that keep exact text beside their tokens, because the tokens do not
  /// give it back.
  std::size_t kept_exact = 0;
  /// Measured pages that are read back worse than the policy's sharpest band asks and, with
  /// Archive::keep, also worse than most pages of their level.
  std::size_t below_floor = 0;
  /// Characters on these pages that the checkpoint's alphabet lacks, by script ("Hangul", "signs",
  /// "controls", "bytes" that are not UTF-8). Vision tokens do not give them back; the archive
  /// does, or the exact text kept beside the tokens.
  std::map<std::string, std::size_t> outside_alphabet = {};
  std::size_t verbatim_characters = 0;  ///< not yet a page
  std::map<std::string, std::size_t> secrets = {};  ///< replaced by a mark, by kind
  std::size_t skipped_messages = 0;     ///< already in the store, or erased from it
  std::size_t erased_messages = 0;      ///< the part of these that was erased before
  LeftOut left_out = {};                ///< what the source left out, see MessageSource
  bool stopped = false;                 ///< by `progress`; call again to continue

  /// Adds the figures of a later call.
  CompactResult& operator+=(const CompactResult& later);
};

struct AgeResult {
  std::vector<Step> steps;
  std::vector<Refusal> refused;
  std::vector<std::int64_t> archives;  ///< pages whose exact text the policy removed
  std::size_t measured = 0;       ///< how many times a page was read back at some level to decide
  std::size_t vision_tokens = 0;  ///< of the scope's pages after the steps
  /// From `plan` only: for each page, its words that would no longer be read back.
  std::map<std::int64_t, std::vector<std::string>> lost_words;
  /// What was erased because its date had passed; from `plan` only the pages and the number of
  /// messages that would be. Absent: nothing.
  std::optional<EraseReceipt> expired;
  bool stopped = false;
};

struct MigrateOptions {
  /// Folder of the checkpoint that made the present tokens, to read pages without exact text.
  std::string old_checkpoint;
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

struct MigrateResult {
  std::size_t pages = 0;  ///< encoded anew
  std::size_t known = 0;  ///< already had tokens of the loaded checkpoint
  std::vector<Refusal> refused;
  std::size_t corrected = 0;         ///< of `pages`, those whose corrections were made anew
  std::vector<Refusal> uncorrected;  ///< of `pages`, those that lost their corrections, and why
  bool stopped = false;              ///< by `progress`; call again to continue
};

struct AgeOptions {
  std::optional<Policy> policy{};  ///< for this round; absent: the scope's (see Memory::policy)
  std::optional<Time> now{};       ///< absent: the current time
  std::optional<Level> to{};       ///< take every unpinned page to this level, whatever its age
  bool keep_words = true;          ///< for pages that lose their exact text, see MemoryOptions
  /// Measures a page with its exact text at a level in place of the library: for a caller that knows
  /// its pages from other stores, such as one that tries several policies on one history. Absent:
  /// it is read back.
  std::function<Fidelity(std::int64_t id, Level level)> measure{};
  /// Called after each measurement and each step. Returning false stops; the next call continues.
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};

/// One scope of a memory: a store file and the checkpoint that reads it. Use a `Memory` from one
/// thread at a time, even its const functions, which load the checkpoint and the index on first
/// use. Several processes may share the store file.
class Memory {
 public:
  /// Opens the store, or creates it unless `access` is to read. `store`: a file, or the URL of a
  /// PostgreSQL server (server_url.h). The checkpoint is loaded on first use. `key`: opens an encrypted store; a new store is encrypted with it. Throws
  /// Error(unsupported) for a store of a newer version, Error(corruption), Error(io), and
  /// Error(invalid_argument) when the key is wrong, missing, or given for a store without
  /// encryption.
  Memory(const std::string& store, const std::string& checkpoint, Scope scope = {},
         CodecOptions codec = {}, const KeySource& key = {}, Access access = Access::write);
  ~Memory();
  Memory(Memory&&) noexcept;
  Memory& operator=(Memory&&) noexcept;

  /// Adds all messages of a source, such as a HistoryReader. Each page is drawn, encoded and stored
  /// as soon as it is full, in its own transaction; the rest stays verbatim. Messages that the
  /// scope already has are skipped. If an embedder throws, the messages are stored all the same,
  /// and `embed_pieces` embeds them later.
  CompactResult add(MessageSource& source, const MemoryOptions& options = {});
  /// Adds one message.
  CompactResult add(Message message, const MemoryOptions& options = {});
  /// Adds what `role` said (see make_message) as a new message, even if the scope has its like.
  CompactResult add(std::string_view text, std::string_view role = "user",
                    const MemoryOptions& options = {});
  /// Makes a part-filled page of the verbatim rest.
  CompactResult finish(const MemoryOptions& options = {});

  /// Returns pages in order; id 0 stands for the text that is not on a page yet and comes last. A
  /// recalled page fades later. Throws Error(not_found) for an unknown id, and for a page without
  /// exact text if `source` is Source::archive.
  std::vector<Recalled> recall(const std::vector<std::int64_t>& ids, Source source);
  /// The pages of this scope that match a query best, in their order. Throws Error(invalid_argument)
  /// for conditions on parts of a scope: pages of other scopes are found by `search`, and read there.
  std::vector<Recalled> recall(std::string_view query, const SearchOptions& options, Source source);
  /// As `recall` of ids, but does not delay fading.
  std::vector<Recalled> read(const std::vector<std::int64_t>& ids, Source source) const;
  /// Returns the `k` pieces of messages that answer the query best, among those whose exact text is
  /// kept, whether on a page yet or not. `where`: conditions on role, source and time, all of which
  /// the piece's message must meet. The pages of the pieces returned fade later. Throws
  /// Error(invalid_argument) for an empty query or an invalid condition.
  std::vector<RecalledPiece> recall_pieces(std::string_view query, int k = 3,
                                           const std::vector<Condition>& where = {});
  /// Returns all pages in order, then the verbatim rest. Does not delay fading. With `each`, items
  /// are passed to it as they are read and nothing is returned; if it returns false, reading ends.
  std::vector<Recalled> recall_all(Source source,
                                   const std::function<bool(const Recalled&)>& each = {}) const;
  /// Finds pages that share words with the query and, with an embedder, pages close to it in
  /// meaning. Without an embedder, a query that shares no word with any page finds nothing. Other
  /// scopes of the user are searched only if a condition names a part of the scope. Throws
  /// Error(invalid_argument) for an empty query, an invalid condition, and vectors in the store of
  /// another embedder.
  SearchResult search(std::string_view query, const SearchOptions& options) const;
  /// Returns only the hits.
  std::vector<Hit> search(std::string_view query, int k = 10) const;
  /// What to put into the next prompt, within the budget: pinned pages, then, with a query, the
  /// pieces of the history that answer it, without one an overview, then recent text. A page goes
  /// in as a picture if the target reads pictures and that costs less than its text. Does not delay
  /// fading. Empty for an empty scope. Throws Error(invalid_argument) if nothing fits, naming the
  /// least budget, and for an unknown target or format.
  Context context(const ContextOptions& options = {}) const;

  /// One round of forgetting. Under a policy by fidelity, a page is first tried at coarser levels:
  /// drawn, encoded, read back and compared with its exact text, as long as that is known.
  AgeResult age(const AgeOptions& options = {});
  /// What `age` would do, and which words that would lose. Stores only its measurements.
  AgeResult plan(const AgeOptions& options = {});
  /// Takes a page whose exact text is known to a sharper level; absent: the one before its last
  /// step down. The page then fades later, as if recalled. Throws Error(not_found) if the text is
  /// not known, Error(invalid_argument) if there is no step to undo.
  Step promote(std::int64_t id, std::optional<Level> to = {});
  void pin(std::int64_t id, bool pinned = true);
  /// Erases pages with everything kept for them.
  EraseReceipt erase(const std::vector<std::int64_t>& ids);
  /// Erases pages, messages or a part of a page. What remains of a page is drawn anew at its level.
  /// Erased messages stay out when their source is read again (see MemoryOptions::restore_erased).
  /// Throws Error(invalid_argument) if the options choose nothing, Error(not_found) for a span of a
  /// page whose exact text is not kept.
  EraseReceipt erase(const EraseOptions& options);
  /// Erases all that the scope has.
  EraseReceipt erase_scope();

  /// From now on, `add` embeds what it stores, and search ranks by meaning as well as by words. An
  /// embedder without a name turns this off. Throws Error(invalid_argument) for a name without a
  /// function.
  void use_embedder(Embedder embedder);
  /// Embeds the scope's pieces that have no vector yet: those stored without an embedder, or by a
  /// call that ended early. Throws Error(invalid_argument) without an embedder, and if the scope
  /// has vectors of another one unless they are to be replaced; Error(not_found) for an empty
  /// scope.
  EmbedResult embed_pieces(const EmbedOptions& options = {});

  /// Encodes anew, each at its level, the scope's pages whose tokens another checkpoint made.
  MigrateResult migrate(const MigrateOptions& options = {});
  /// Writes a copy of the whole store, all scopes, to a new file while others use it.
  void backup(const std::string& path) const;
  /// Writes all that the scope has to a new store file, encrypted if a `key` is given. Returns the
  /// number of pages. Throws Error(not_found) for an empty scope.
  std::size_t export_scope(const std::string& path, const KeySource& key = {}) const;
  /// Copies a scope of a store file into this one, which must be empty. `which`: needed if the file
  /// has several. Returns the number of pages.
  std::size_t import_scope(const std::string& path, const KeySource& key = {},
                           const std::optional<Scope>& which = {});
  /// Rewrites the store without the bytes of removed text, of all scopes. Erasing does it in a
  /// file; on a server it is for whoever runs it. Returns false if the store cannot be rewritten
  /// now, as another process uses it, or if the server's log keeps old bytes until its next
  /// checkpoint. Throws Error(io) when there is no room for it.
  bool clean();
  /// Encrypts the store with another key. Throws Error(invalid_argument) if it is not encrypted.
  void change_key(const KeySource& key);
  /// Called after each successful operation, in the thread of its caller; {} removes the listener.
  void on_event(std::function<void(const Event&)> listener);

  /// How the scope's pages fade: the policy last given to `add` or `finish`, otherwise
  /// Policy::standard().
  Policy policy() const;
  Stats stats() const;
  /// Pages in order. Throws Error(invalid_argument) for an invalid condition.
  std::vector<PageInfo> pages(const ListOptions& options = {}) const;
  /// Messages in order, whether on a page yet or not. Throws as `pages` does.
  std::vector<MessageInfo> messages(const ListOptions& options = {}) const;
  /// What happened to the scope's pages, in order: steps down and their reasons, pins, erasures.
  std::vector<HistoryEntry> history() const;
  /// The user's scopes in the store, by name; with `of_everyone` those of all users.
  std::vector<ScopeInfo> scopes(bool of_everyone = false) const;
  /// Throws Error(not_found) if the store has nothing of the scope. The message names scopes with
  /// similar names, of any user.
  void require_scope() const;
  /// The text that is not on a page yet. `search` ranks pages and does not cover it.
  std::string verbatim() const;
  /// The page's picture at `level` (absent: at its own), drawn from the archive or, without one,
  /// from the text read back from its tokens.
  Page picture(std::int64_t id, std::optional<Level> level = {}) const;
  /// Checks file, schema, tokens, checkpoint and index. Returns one line per finding, none if
  /// sound.
  std::vector<std::string> verify() const;

  const Renderer& renderer() const;
  const Codec& codec() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
