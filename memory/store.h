#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/access.h"
#include "fovea/erase.h"
#include "fovea/key.h"
#include "fovea/level.h"
#include "fovea/listing.h"
#include "fovea/measure.h"
#include "fovea/page.h"
#include "fovea/policy.h"
#include "fovea/scope.h"
#include "fovea/search.h"
#include "fovea/stats.h"
#include "fovea/vision_tokens.h"
#include "memory/message_identity.h"

namespace fovea {

using ScopeId = std::int64_t;
using PageId = std::int64_t;  ///< never used again after its page is gone

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct StoreOptions {
  /// Writers of several processes take turns. Milliseconds that one may keep its turn before those
  /// behind it give up with Error(io) "locked"; as long as the line moves they wait.
  int patience_ms = 60'000;
  /// Size that the file may grow to, in bytes, 0: no limit; beyond it, as on a full disk,
  /// Error(io).
  std::int64_t max_file_bytes = 0;
  /// What the file, its WAL and the vector index are encrypted with; absent: they are not.
  std::optional<Key> key = {};
  std::string name = {};  ///< what errors call the store; empty: its path
  Access access = Access::write;
};

struct NewMessage {
  std::string role;
  std::string text;
  Time time = 0;          ///< 0: not known
  std::string source_id;  ///< what its source calls it; empty: nothing
  Time expires = 0;       ///< when it is to be erased, 0: never
  /// Absent: by source_id, role and text; without a source_id the message is always new.
  std::optional<MessageIdentity> identity = {};
  /// A message of that source_id and text that a Fovea of an earlier schema has stored, which did
  /// not note identities, is this one.
  bool may_be_older = true;
};

/// Text that fills no page yet, in order.
struct Verbatim {
  std::string text;
  bool more_follows = false;  ///< there is text beyond the limit
  std::string opening;        ///< what the page before it left open; empty: nothing
  struct Part {
    std::size_t begin = 0;  ///< byte in `text`
    std::string role = {};  ///< of the message that it is from
    Time time = 0;          ///< of that, 0: not known
    std::int64_t message = 0;
    Time expires = 0;  ///< of the message, 0: never
    std::size_t message_begin = 0;
    bool ends_message = true;
  };
  std::vector<Part> parts;  ///< in order; a long message may have several
};

/// A stretch of a message on a page; all offsets in bytes.
struct PageSpan {
  std::int64_t message = 0;
  std::string role;
  Time time = 0;  ///< of the message, 0: not known
  std::size_t page_begin = 0;
  std::size_t message_begin = 0;
  std::size_t length = 0;
  bool ends_message = true;
};

/// A stretch of a message, in bytes.
struct MessageSpan {
  std::int64_t message = 0;
  std::size_t begin = 0;
  std::size_t length = kNoLimit;  ///< may end beyond the message
};

/// How a page's text parts tool calls from their results.
struct ToolEnds {
  bool awaits_result = false;       ///< a call on the page has its result after it
  bool begins_with_result = false;  ///< its first block is the result of a call before it
};

struct NewPage {
  std::string text;  ///< exact bytes: must be how the scope's verbatim text begins
  std::size_t characters = 0;
  std::size_t text_tokens = 0;
  Time time = 0;                     ///< used when no message on the page has a time
  VisionTokens tokens;               ///< level, density and row lengths are the page's too
  std::optional<DocumentSetting> document = {};  ///< there exactly when tokens.layout is document
  std::string leaves_open = {};                  ///< of a document, for the page after it
  std::vector<float> embedding;      ///< unit vector of the checkpoint; empty: none
  std::optional<Fidelity> fidelity;  ///< at tokens.level, when measured
  bool keep_archive = true;          ///< false: no text is kept
  /// Without archive: its words stay in the index, hashed (see hashed_words.h); otherwise none can be
  /// found by its words.
  bool hash_words = false;
  std::string anchors = {};          ///< any bytes, kept as they are (see doc/store.md); empty: none
  std::string corrections = {};      ///< of `tokens`, likewise
  bool keeps_text = false;           ///< `corrections` hold exact text that is not to be lost
  ToolEnds tools = {};
};

struct StoredPage {
  PageId id = 0;
  std::int64_t order = 0;  ///< 1, 2, 3 ... in the scope
  Level level = Level::base;
  Density density = Density::d106;               ///< of layout cells
  std::optional<DocumentSetting> document = {};  ///< there: layout document
  Time time = 0;           ///< of its last message
  Time last_recalled = 0;  ///< 0: never
  Time expires = 0;        ///< 0: never
  bool pinned = false;
  bool has_archive = false;
  bool has_corrections = false;
  bool keeps_text = false;  ///< its corrections hold exact text that its tokens do not give back
  std::size_t characters = 0;
  std::size_t bytes = 0;
  std::size_t text_tokens = 0;
  int vision_tokens = 0;
  /// At the levels where it was measured with the checkpoint that made its tokens.
  std::map<Level, Fidelity> fidelity = {};
  std::optional<ToolEnds> tools = {};  ///< absent: written by a Fovea that did not note it
};

/// Of the name that the store's file has. Throws Error(corruption).
HistoryEvent history_event_from_name(std::string_view name);

/// New vision tokens for a page: a step down, a promotion, or another checkpoint's encoding.
struct TokenChange {
  PageId page = 0;
  Level from = Level::base;  ///< what the page must still be at
  VisionTokens tokens;
  /// Empty: the page keeps the one it has, if that is of the same checkpoint.
  std::vector<float> embedding;
  std::optional<Fidelity> fidelity;
  std::string corrections = {};  ///< of `tokens`, instead of those there are; empty: none
  bool keeps_text = false;       ///< see NewPage
  bool drop_anchors = false;
  bool drop_archive = false;
  HistoryEvent event = HistoryEvent::fade;  ///< or promote, or migrate
  std::string reason = {};
  Time now = 0;
};

/// A page that an erasure leaves a part of.
struct PageRewrite {
  PageId id = 0;
  std::size_t bytes_before = 0;   ///< of its text: what it must still have
  std::vector<MessageSpan> gone;  ///< what the page had of these
  NewPage page;                   ///< what is left, encoded at the level that the page is at
};

/// What is to go. Messages of which nothing is left go, too.
struct Erasure {
  std::vector<PageId> pages;          ///< with all that is on them
  std::vector<PageRewrite> rewritten;
  std::vector<MessageSpan> verbatim;  ///< of text that fills no page yet
};

/// A stretch of a message, of at most 400 characters: what a search ranks and a context takes.
struct Piece {
  std::int64_t place = 0;  ///< 1, 2, 3 ... in the scope, the conversation's order
  PageId page = 0;         ///< where it begins; 0: on no page yet
  std::int64_t message = 0;
  std::size_t begin = 0;      ///< byte in the message
  std::size_t length = 0;     ///< bytes
  bool begins_message = true;
  bool ends_message = true;
  std::int64_t session = 0;   ///< 0, 1, 2 ...: another one after some hours without messages
  std::string role = {};      ///< of the message
  std::string speaker = {};   ///< who a reader is told says it, "user", "Caroline"; empty: nobody
  Time time = 0;              ///< of the message, 0: not known
  bool text_is_kept = true;
  std::optional<std::string> text = {};  ///< nothing when it is not kept, or was not asked for
};

/// A page found; a larger score is better, comparable within one list only.
struct PageScore {
  PageId id = 0;
  double score = 0;
  std::int64_t piece = 0;  ///< the place of its best piece; 0: not found by one
  double bm25 = 0;         ///< of the whole page's words
  double cosine = 0;       ///< of its best piece and the question; 0: not compared
};

struct TextHits {
  std::vector<PageScore> pages;  ///< best first, equal ones by id
  std::int64_t verbatim = 0;     ///< place of the best piece that is on no page yet; 0: none
  ScopeId verbatim_scope = 0;    ///< that it is in
  /// What was found has all phrases that stood in quotes. False: none stood there, or nothing has all.
  bool by_phrase = false;
  std::size_t without_vector = 0;  ///< pieces that were not compared with the question's vector
};

/// What a question means, in an embedder's numbers.
struct QuestionVector {
  std::string embedder = {};
  std::vector<float> values = {};  ///< of any length; empty: a ranking goes by words alone
};

/// How many pieces of a scope have vectors, and whose.
struct VectorStats {
  std::size_t pieces = 0;       ///< whose text is kept
  std::size_t with_vector = 0;
  std::size_t bytes = 0;        ///< of the vectors
  std::string embedder = {};    ///< empty: none has one
};

/// Pages, messages and text of all scopes in one SQLite file; see doc/store.md. Knows no model:
/// what it is given is what it keeps. Every write is one transaction: after a kill or a full disk
/// the store is as before the call. One thread at a time; several processes may share the file.
///
/// All functions throw Error(io) when the system refuses (locked, full, read-only) and
/// Error(corruption) when the file is damaged; those that take a page throw Error(not_found) when
/// the scope has no such page.
class Store {
 public:
  /// Opens or creates. Throws Error(unsupported) for a store of a newer version,
  /// Error(invalid_argument) for another program's database; neither is changed.
  explicit Store(const std::string& path, const StoreOptions& options = {});
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  const std::string& path() const;

  /// Makes the scope when it is new.
  ScopeId scope(const Scope& name);
  std::optional<ScopeId> find_scope(const Scope& name) const;
  std::vector<Scope> scopes() const;
  /// By name; absent: of all users.
  std::vector<ScopeInfo> list_scopes(const std::optional<std::string>& user = {}) const;
  /// In order, the newest `limit` that meet all conditions, none whose time is over; with `page`
  /// that page alone.
  std::vector<PageInfo> list_pages(const Scope& scope, std::span<const Condition> where = {},
                                   std::size_t limit = kNoLimit, PageId page = 0) const;
  /// The same of messages, without `tokens` and `begins`; with `page` those on it.
  std::vector<MessageInfo> list_messages(const Scope& scope, std::span<const Condition> where = {},
                                         std::size_t limit = kNoLimit, PageId page = 0) const;
  /// Of all of it; nothing when a part of it is not kept, or damaged.
  std::optional<std::string> message_text(const Scope& scope, std::int64_t message) const;

  /// The policy that the scope's pages fade by, as JSON that the store does not look into.
  std::optional<std::string> policy(ScopeId scope) const;
  void set_policy(ScopeId scope, std::string_view json);

  /// Adds the messages that the scope does not have and appends their text to its verbatim text,
  /// all in one transaction. Returns how many were new. Messages of a source that were erased stay
  /// away (see tombstones.h), unless they are to be restored.
  std::size_t add_messages(ScopeId scope, std::span<const NewMessage> messages,
                           bool restore_erased = false);
  /// How many of the messages were erased from the scope.
  std::size_t count_erased(ScopeId scope, std::span<const NewMessage> messages) const;
  /// Messages of the scope that meet all conditions (role, source and time), in order.
  std::vector<std::int64_t> find_messages(ScopeId scope, std::span<const Condition> where) const;
  /// The pages that a message is on, in order.
  std::vector<PageId> pages_of_message(ScopeId scope, std::int64_t message) const;
  /// How much of a plain text's piece the scope has, or had erased, from a piece that began so at the
  /// same place: the longest, in bytes; 0: none. For sources that grow. `source_id`: as it was before
  /// identities were noted.
  std::size_t known_beginning(ScopeId scope, std::string_view stream, std::size_t offset,
                              std::string_view source_id, std::string_view text) const;
  /// Whether the scope has the message, or had it erased.
  bool knows_message(ScopeId scope, const MessageIdentity& identity) const;
  /// Whether the scope has it from before identities were noted.
  bool has_older_message(ScopeId scope, std::string_view source_id, std::string_view text) const;
  /// How many messages of a conversation the scope has or had erased.
  std::size_t count_known(ScopeId scope, const std::string& conversation_key) const;
  /// How many the scope has from before identities were noted that are named "`source`:...".
  std::size_t count_older_messages(ScopeId scope, std::string_view source) const;
  /// In Unicode characters.
  std::size_t verbatim_characters(ScopeId scope) const;
  /// The beginning of the verbatim text, at most `max_bytes` (may cut a UTF-8 sequence). Throws
  /// Error(corruption) naming the message when it is damaged.
  Verbatim verbatim(ScopeId scope, std::size_t max_bytes = kNoLimit) const;

  /// Moves the beginning of the verbatim text onto a page. Nothing when the verbatim text no longer
  /// begins with `page.text`: another process has put it on a page; read it again.
  std::optional<PageId> add_page(ScopeId scope, const NewPage& page);

  /// Pages in order, after the one whose order is `after`; read them in stretches of `limit`.
  std::vector<StoredPage> pages(ScopeId scope, std::int64_t after = 0,
                                std::size_t limit = kNoLimit) const;
  StoredPage page(ScopeId scope, PageId id) const;
  /// Nothing when the scope has no such page.
  std::optional<StoredPage> find_page(ScopeId scope, PageId id) const;
  /// Throws Error(corruption) when they do not match their checksum.
  VisionTokens tokens(ScopeId scope, PageId id) const;
  /// The page has an embedding, which does not match its checksum.
  bool embedding_is_damaged(ScopeId scope, PageId id) const;
  /// The exact text; nothing when the archive was dropped. Throws Error(corruption) when the text
  /// does not match its hash.
  std::optional<std::string> archived_text(ScopeId scope, PageId id) const;
  std::vector<PageSpan> spans(ScopeId scope, PageId id) const;
  /// Every page's at the levels where it was measured with that checkpoint.
  std::map<PageId, std::map<Level, Fidelity>> fidelities(ScopeId scope,
                                                         std::string_view fingerprint) const;
  /// What was given with the page; empty: none. Throw Error(corruption) when it is damaged.
  std::string anchors(ScopeId scope, PageId id) const;
  std::string corrections(ScopeId scope, PageId id) const;

  /// False, and nothing changed, when the page is no longer at `change.from`.
  bool replace_tokens(ScopeId scope, const TokenChange& change);
  /// `fingerprint`: of the checkpoint that read the page.
  void set_fidelity(ScopeId scope, PageId id, const std::string& fingerprint, Level level,
                    const Fidelity& fidelity);
  /// Removes the exact text and its words, and without `keep_anchors` the anchors, too.
  /// `corrections`: of the page's tokens, to be kept instead; empty: as they are. `keeps_text`,
  /// `hash_words`: see NewPage.
  void drop_archive(ScopeId scope, PageId id, Time now, std::string_view reason = {},
                    std::string_view corrections = {}, bool keep_anchors = true,
                    bool keeps_text = false, bool hash_words = false);
  void set_pinned(ScopeId scope, PageId id, bool pinned, Time now);
  void set_recalled(ScopeId scope, std::span<const PageId> ids, Time now);
  std::vector<HistoryEntry> history(ScopeId scope) const;

  /// Removes pages with their text, tokens, index entries, history, and the messages that are
  /// nowhere else; then cleans file and WAL of their bytes. One row of that `event` a page
  /// stays in the history, without text. All or nothing: Error(not_found) names the first id
  /// missing.
  EraseReceipt erase_pages(ScopeId scope, std::span<const PageId> ids, Time now,
                           HistoryEvent event = HistoryEvent::erase, std::string_view reason = {});
  /// The same for parts of pages and for text that fills no page yet. Error(io), and nothing changed,
  /// where another process has changed a page to be rewritten.
  EraseReceipt erase(ScopeId scope, const Erasure& erasure, Time now);
  /// Removes everything of the scope but its name, and what keeps erased messages away.
  EraseReceipt erase_scope(ScopeId scope, Time now);
  /// Removes pages and messages whose date of expiry has come, pinned or not. Nothing, and no
  /// receipt, when there are none.
  EraseReceipt erase_expired(ScopeId scope, Time now);
  /// What erase_expired would remove: its pages and the number of messages, no receipt.
  EraseReceipt expired(ScopeId scope, Time now) const;

  /// Pages with pieces that have words of `query` (any text) or are like `meaning`, by their best
  /// piece and a little by all their words; see piece_rank.h. Throws Error(invalid_argument) for a
  /// condition that cannot be (see page_filter.h), and for vectors of another embedder.
  TextHits search_text(const Scope& scope, std::string_view query, std::size_t k,
                       std::span<const Condition> where = {},
                       const QuestionVector& meaning = {}) const;
  /// The places of the first `limit` pieces whose text is kept: those that answer `query` best first,
  /// then the others from the newest on. `answering`: how many answer; with phrases in the query, how
  /// many have one, unless none has. `where`: only pieces of messages that meet all conditions (role,
  /// source, time) answer.
  std::vector<std::int64_t> order_pieces(ScopeId scope, std::string_view query,
                                         std::size_t* answering = nullptr,
                                         const QuestionVector& meaning = {},
                                         std::span<const Condition> where = {},
                                         std::size_t limit = SIZE_MAX) const;
  /// What of a question is to be embedded: all but the names of speakers. Nothing where no piece of
  /// the search's scopes has a vector. Throws Error(invalid_argument) where they are of another
  /// embedder.
  std::optional<std::string> to_be_embedded(const std::string& embedder, const Scope& scope,
                                            std::string_view query,
                                            std::span<const Condition> where = {}) const;
  /// Throws Error(invalid_argument), saying what to do, where the scope has another's vectors.
  void require_embedder(ScopeId scope, const std::string& embedder) const;
  /// With their text, in order, the pieces after the one at `after` that have no sound vector; those
  /// whose text is not kept or over are none.
  std::vector<Piece> pieces_without_vector(ScopeId scope, std::int64_t after,
                                           std::size_t limit) const;
  /// Gives pieces their vectors, of any length, all of one dimension. Returns how many are still as
  /// they were read; others are passed over. Throws Error(invalid_argument) where the scope has
  /// another embedder's, or of another dimension.
  std::size_t set_vectors(ScopeId scope, const std::string& embedder,
                          std::span<const Piece> pieces,
                          std::span<const std::vector<float>> vectors);
  /// Removes the scope's vectors. Returns how many.
  std::size_t remove_vectors(ScopeId scope);
  VectorStats vector_stats(ScopeId scope) const;
  /// The place of the scope's last piece, 0: it has none.
  std::int64_t last_place(ScopeId scope) const;
  /// The scope's pieces without their text, in order, after the one at `after`.
  std::vector<Piece> pieces(ScopeId scope, std::int64_t after = 0,
                            std::size_t limit = kNoLimit) const;
  /// By session, the time of its first message that has one; 0: none has, or no such session.
  std::vector<Time> session_times(ScopeId scope) const;
  /// The pieces at these places that exist, in the order asked for, with their text.
  std::vector<Piece> read_pieces(ScopeId scope, std::span<const std::int64_t> places) const;
  /// Pages with the nearest embeddings of the same checkpoint, best first, by inner product. Damaged
  /// embeddings are left out.
  std::vector<PageScore> search_vectors(const Scope& scope, std::string_view fingerprint,
                                        std::span<const float> query, std::size_t k,
                                        std::span<const Condition> where = {}) const;
  /// Pages of all scopes that the last search_vectors with that checkpoint left out, as their
  /// embeddings are damaged.
  std::size_t count_unsearchable(std::string_view fingerprint) const;
  /// Those of `pages` that no word finds: neither their text nor its words are kept.
  std::vector<PageId> without_words(std::span<const PageId> pages) const;
  /// Whether a search of the scope may meet any such page; where none is left, it may still say so.
  bool may_have_pages_without_words(const Scope& scope, std::span<const Condition> where = {}) const;
  /// Those of `pages` whose exact text is not kept.
  std::vector<PageId> without_archive(std::span<const PageId> pages) const;
  /// How many pages fit the conditions.
  std::size_t count_pages(const Scope& scope, std::span<const Condition> where = {}) const;
  /// The scopes that pages are in and their times. Throws Error(not_found).
  std::vector<std::pair<Scope, Time>> whereabouts(std::span<const PageId> pages) const;

  /// Wipes what deleted text has left in the WAL; where free space may have some of it, rewrites the
  /// file. Erasing does it, and so does closing a store that was asked to keep no archive; nothing
  /// to do when another process has done it since. False: another process keeps it from being done
  /// just now, or the server's role lacks the right to end the log. Throws Error(io) when there is no
  /// room for it.
  bool clean();

  /// Has the store open with another key from now on, for every process. Throws
  /// Error(invalid_argument) when it is not encrypted.
  void change_key(const Key& key);

  /// Writes a copy of the whole store to a new file while others use it. Error(invalid_argument)
  /// when there is a file; after an error or a kill there is none.
  void backup(const std::string& path) const;
  /// Writes a store with this scope alone to a new file, encrypted with `key` if there is one.
  /// Returns its pages.
  std::size_t export_scope(const Scope& scope, const std::string& path,
                           const std::optional<Key>& key) const;
  /// Takes a scope from an exported file or any other store, of this version or an older one, into
  /// a scope that must be empty; the file is not changed. `which`: needed where it has several.
  /// Returns the pages taken.
  std::size_t import_scope(const std::string& path, const std::optional<Key>& key,
                           const std::optional<Scope>& which, const Scope& into);

  Stats stats(ScopeId scope) const;
  /// Checks the whole file: SQLite's own checks, every row's checksum, tokens, archive, spans, the
  /// words of the full-text index, vector index. One line a finding, none when sound. Changes nothing.
  std::vector<std::string> verify() const;

 private:
  EraseReceipt cleaned(EraseReceipt receipt);
  /// False: it could not be done now; the next one to open the store does it.
  bool clean_or_later();
  void take_scope(const Store& from, ScopeId scope, const Scope& into);
  Scope only_scope(const std::string& file) const;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
