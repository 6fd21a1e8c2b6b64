#include "memory/schema.h"

#include <array>

namespace fovea {
namespace {

// Text that may be any bytes is a BLOB. A page's id is never given to another page, so that ids in
// receipts, prompts and the vector index stay true.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL CHECK (length(uuid) = 32),
  embedding_stamp INTEGER NOT NULL DEFAULT 0,    -- another one after each change of embeddings
  text_removals INTEGER NOT NULL DEFAULT 0,      -- counts transactions that removed text
  text_erased INTEGER NOT NULL DEFAULT 0,        -- text_removals at the last one that erased
  text_cleaned INTEGER NOT NULL DEFAULT 0        -- text_removals when the file was last cleaned
) STRICT;
INSERT INTO store (id, uuid) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE scopes (
  id INTEGER PRIMARY KEY,
  user TEXT NOT NULL,
  agent TEXT NOT NULL,
  session TEXT NOT NULL,
  UNIQUE (user, agent, session)
) STRICT;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scope INTEGER NOT NULL REFERENCES scopes (id),
  role TEXT NOT NULL,
  time INTEGER NOT NULL,                              -- 0: not known
  source_id TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),       -- SHA-256 of the text
  bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT;
CREATE UNIQUE INDEX messages_identity ON messages (scope, source_id, hash) WHERE source_id <> '';
CREATE INDEX messages_scope ON messages (scope);

CREATE TABLE verbatim (                               -- in order of id; long messages in pieces
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scope INTEGER NOT NULL REFERENCES scopes (id),
  message INTEGER NOT NULL REFERENCES messages (id),
  message_begin INTEGER NOT NULL CHECK (message_begin >= 0),
  text BLOB NOT NULL CHECK (length(text) > 0)
) STRICT;
CREATE INDEX verbatim_scope ON verbatim (scope, id);
CREATE INDEX verbatim_message ON verbatim (message);

CREATE TABLE pages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scope INTEGER NOT NULL REFERENCES scopes (id),
  place INTEGER NOT NULL CHECK (place > 0),           -- 1, 2, 3 ... in the scope
  level TEXT NOT NULL CHECK (level IN ('large', 'base', 'small', 'tiny', 'faint', 'trace')),
  density INTEGER NOT NULL CHECK (density IN (64, 80, 106, 128, 160)),
  row_lengths BLOB NOT NULL CHECK (length(row_lengths) <= 80),  -- a byte a row; empty: not known
  characters INTEGER NOT NULL CHECK (characters >= 0),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  text_tokens INTEGER NOT NULL CHECK (text_tokens >= 0),
  time INTEGER NOT NULL,
  last_recalled INTEGER NOT NULL DEFAULT 0,
  pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  UNIQUE (scope, place)
) STRICT;

CREATE TABLE page_spans (                             -- which bytes of which message a page holds
  page INTEGER NOT NULL REFERENCES pages (id),
  page_begin INTEGER NOT NULL CHECK (page_begin >= 0),
  message INTEGER NOT NULL REFERENCES messages (id),
  message_begin INTEGER NOT NULL CHECK (message_begin >= 0),
  length INTEGER NOT NULL CHECK (length > 0),
  PRIMARY KEY (page, page_begin)
) STRICT, WITHOUT ROWID;
CREATE INDEX page_spans_message ON page_spans (message);

CREATE TABLE page_fidelity (                          -- as measured by reading the page back
  page INTEGER NOT NULL REFERENCES pages (id),
  level TEXT NOT NULL CHECK (level IN ('large', 'base', 'small', 'tiny', 'faint', 'trace')),
  accuracy REAL NOT NULL CHECK (accuracy BETWEEN 0 AND 1),
  exact_rows REAL NOT NULL CHECK (exact_rows BETWEEN 0 AND 1),
  word_precision REAL NOT NULL CHECK (word_precision BETWEEN 0 AND 1),
  PRIMARY KEY (page, level)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (                                 -- value [i, j] is vals[i * dim + j] * scales[i]
  page INTEGER PRIMARY KEY REFERENCES pages (id),
  count INTEGER NOT NULL CHECK (count > 0),
  dim INTEGER NOT NULL CHECK (dim > 0),
  fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64 AND fingerprint NOT GLOB '*[^0-9a-f]*'),
  scales BLOB NOT NULL CHECK (length(scales) = 4 * count),    -- float32, little-endian
  vals BLOB NOT NULL CHECK (length(vals) = count * dim)       -- int8
) STRICT;

CREATE TABLE embeddings (
  page INTEGER PRIMARY KEY REFERENCES pages (id),
  fingerprint TEXT NOT NULL,
  change INTEGER NOT NULL,                            -- store.embedding_stamp when it was written
  vector BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0)  -- float32
) STRICT;
CREATE INDEX embeddings_change ON embeddings (fingerprint, page, change);

CREATE TABLE archive (
  page INTEGER PRIMARY KEY REFERENCES pages (id),
  hash BLOB NOT NULL CHECK (length(hash) = 32),       -- SHA-256 of the text
  text BLOB NOT NULL                                  -- zstd
) STRICT;

CREATE TABLE anchors (
  id INTEGER PRIMARY KEY,
  page INTEGER NOT NULL REFERENCES pages (id),
  page_begin INTEGER NOT NULL CHECK (page_begin >= 0),
  kind TEXT NOT NULL,                                 -- 'path', 'url', 'hash', 'number', 'name' ...
  text BLOB NOT NULL CHECK (length(text) > 0),
  UNIQUE (page, page_begin)
) STRICT;
CREATE INDEX anchors_text ON anchors (text);

CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES scopes (id),
  page INTEGER NOT NULL,                              -- 0: the scope; may be gone
  time INTEGER NOT NULL,
  event TEXT NOT NULL,
  from_level TEXT,
  to_level TEXT,
  reason TEXT NOT NULL,
  tokens_saved INTEGER NOT NULL,
  accuracy REAL
) STRICT;
CREATE INDEX history_scope ON history (scope, page);

-- Keeps no text; a row is removed by giving its text again (from the archive).
CREATE VIRTUAL TABLE full_text USING fts5 (text, content = '', tokenize = 'porter unicode61');
)sql";

// A page may be measured with several checkpoints. Anchors and corrections are each one value a
// page; version 1 never wrote an anchor.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE page_fidelity_of (                       -- as measured by reading the page back
  page INTEGER NOT NULL REFERENCES pages (id),
  fingerprint TEXT NOT NULL,                          -- of the checkpoint that read it
  level TEXT NOT NULL CHECK (level IN ('large', 'base', 'small', 'tiny', 'faint', 'trace')),
  accuracy REAL NOT NULL CHECK (accuracy BETWEEN 0 AND 1),
  exact_rows REAL NOT NULL CHECK (exact_rows BETWEEN 0 AND 1),
  word_precision REAL NOT NULL CHECK (word_precision BETWEEN 0 AND 1),
  PRIMARY KEY (page, fingerprint, level)
) STRICT, WITHOUT ROWID;
INSERT INTO page_fidelity_of
  SELECT f.page, t.fingerprint, f.level, f.accuracy, f.exact_rows, f.word_precision
  FROM page_fidelity f JOIN tokens t ON t.page = f.page;
DROP TABLE page_fidelity;
ALTER TABLE page_fidelity_of RENAME TO page_fidelity;

DROP TABLE anchors;
CREATE TABLE anchors (                                -- exact strings and their places on the page
  page INTEGER PRIMARY KEY REFERENCES pages (id),
  bytes INTEGER NOT NULL CHECK (bytes > 0),           -- before packing
  hash BLOB NOT NULL CHECK (length(hash) = 8),        -- of these, the start of the SHA-256
  packed BLOB NOT NULL                                -- zstd
) STRICT;

CREATE TABLE corrections (                            -- from what the page's tokens read to its text
  page INTEGER PRIMARY KEY REFERENCES pages (id),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  hash BLOB NOT NULL CHECK (length(hash) = 8),
  packed BLOB NOT NULL
) STRICT;
)sql";

// A scope has a run, too. Messages may expire; a page holds messages of one date of expiry only.
constexpr const char* kVersion3 = R"sql(
CREATE TABLE scopes_of_runs (
  id INTEGER PRIMARY KEY,
  user TEXT NOT NULL,
  agent TEXT NOT NULL,
  session TEXT NOT NULL,
  run TEXT NOT NULL,
  UNIQUE (user, agent, session, run)
) STRICT;
INSERT INTO scopes_of_runs SELECT id, user, agent, session, 'default' FROM scopes;
DROP TABLE scopes;
ALTER TABLE scopes_of_runs RENAME TO scopes;

ALTER TABLE messages ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;  -- 0: never
ALTER TABLE pages ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_expires ON messages (scope, expires) WHERE expires <> 0;
CREATE INDEX pages_expires ON pages (scope, expires) WHERE expires <> 0;
)sql";

constexpr const char* kVersion4 = R"sql(
-- Of layout document, which has no density; null: layout cells.
ALTER TABLE pages ADD COLUMN legible_at TEXT
  CHECK (legible_at IN ('large', 'base', 'small', 'tiny', 'faint', 'trace'));
ALTER TABLE pages ADD COLUMN opening TEXT NOT NULL DEFAULT '';      -- what it begins inside of
ALTER TABLE pages ADD COLUMN leaves_open TEXT NOT NULL DEFAULT '';  -- what the next one begins in
)sql";

// Adding a message touches four b-trees instead of seven: no sequences, one index a table. Later
// messages have larger ids than those there are, so text is in order by message.
constexpr const char* kVersion5 = R"sql(
CREATE TABLE messages_of_scopes (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES scopes (id),
  role TEXT NOT NULL,
  time INTEGER NOT NULL,                              -- 0: not known
  source_id TEXT CHECK (source_id <> ''),             -- null: none, so the message is always new
  hash BLOB NOT NULL CHECK (length(hash) = 32),       -- SHA-256 of the text
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  expires INTEGER NOT NULL                            -- 0: never
) STRICT;
INSERT INTO messages_of_scopes
  SELECT id, scope, role, time, nullif(source_id, ''), hash, bytes, expires FROM messages;
DROP TABLE messages;
ALTER TABLE messages_of_scopes RENAME TO messages;
CREATE UNIQUE INDEX messages_identity ON messages (scope, source_id, hash);
CREATE INDEX messages_expires ON messages (scope, expires) WHERE expires <> 0;

CREATE TABLE verbatim_of_scopes (                     -- in order of message and id
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES scopes (id),
  message INTEGER NOT NULL,                           -- of messages; an index for this alone is dear
  message_begin INTEGER NOT NULL CHECK (message_begin >= 0),
  text BLOB NOT NULL CHECK (length(text) > 0)
) STRICT;
INSERT INTO verbatim_of_scopes SELECT id, scope, message, message_begin, text FROM verbatim;
DROP TABLE verbatim;
ALTER TABLE verbatim_of_scopes RENAME TO verbatim;
CREATE INDEX verbatim_scope ON verbatim (scope, message);

-- Of a page's text, what a context must know without reading it; null: not known.
ALTER TABLE pages ADD COLUMN awaits_result INTEGER CHECK (awaits_result IN (0, 1));
ALTER TABLE pages ADD COLUMN begins_with_result INTEGER CHECK (begins_with_result IN (0, 1));

CREATE TABLE policies (                               -- what a scope's pages fade by
  scope INTEGER PRIMARY KEY REFERENCES scopes (id),
  json TEXT NOT NULL
) STRICT;
)sql";

// Words as memory/words.h has them, of whole pages; the next version has them of pieces.
constexpr const char* kVersion6 = R"sql(
DROP TABLE full_text;
CREATE VIRTUAL TABLE full_text USING fts5 (text, content = '', tokenize = 'porter words');
-- Archived pages with larger ids are still to be taken into full_text; null: all are there.
ALTER TABLE store ADD COLUMN full_text_until INTEGER;
UPDATE store SET full_text_until = 0 WHERE EXISTS (SELECT 1 FROM archive);
)sql";

constexpr const char* kVersion7 = R"sql(
-- What erased messages are known by; see tombstones.h.
CREATE TABLE tombstone_secrets (
  scope INTEGER PRIMARY KEY REFERENCES scopes (id),
  secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;
CREATE TABLE tombstones (
  scope INTEGER NOT NULL REFERENCES scopes (id),
  source BLOB NOT NULL CHECK (length(source) = 16),   -- keyed hash of the message's source
  mark BLOB NOT NULL CHECK (length(mark) = 16),       -- of the hash of its text
  bytes INTEGER NOT NULL CHECK (bytes >= 0),          -- of its text
  PRIMARY KEY (scope, source, mark)
) STRICT, WITHOUT ROWID;
)sql";

// A message is what its source gave (memory/message_identity.h), not what was drawn of it. Older ones
// are known by source id and text, until they are given again.
constexpr const char* kVersion8 = R"sql(
ALTER TABLE messages ADD COLUMN identity BLOB CHECK (length(identity) = 32);  -- null: not known
DROP INDEX messages_identity;
CREATE UNIQUE INDEX messages_identity ON messages (scope, identity);
CREATE INDEX messages_older ON messages (scope, source_id, hash)
  WHERE identity IS NULL AND source_id IS NOT NULL;
)sql";

// A checksum a row: see memory/checksum.h. What was damaged before cannot be told any more.
constexpr const char* kVersion9 = R"sql(
ALTER TABLE store ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE store SET checksum = fovea_checksum(
    uuid, embedding_stamp, text_removals, text_erased, text_cleaned, full_text_until);
ALTER TABLE messages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET checksum = fovea_checksum(
    scope, role, time, source_id, hash, bytes, expires, identity);
ALTER TABLE verbatim ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE verbatim SET checksum = fovea_checksum(
    scope, message, message_begin, text);
ALTER TABLE pages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE pages SET checksum = fovea_checksum(
    scope, place, level, density, row_lengths, characters, bytes, text_tokens, time,
    last_recalled, pinned, expires, legible_at, opening, leaves_open, awaits_result,
    begins_with_result);
ALTER TABLE page_spans ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE page_spans SET checksum = fovea_checksum(
    page, page_begin, message, message_begin, length);
ALTER TABLE page_fidelity ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE page_fidelity SET checksum = fovea_checksum(
    page, fingerprint, level, accuracy, exact_rows, word_precision);
ALTER TABLE tokens ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE tokens SET checksum = fovea_checksum(
    page, count, dim, fingerprint, scales, vals);
ALTER TABLE embeddings ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE embeddings SET checksum = fovea_checksum(
    page, fingerprint, change, vector);
ALTER TABLE archive ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE archive SET checksum = fovea_checksum(
    page, hash, text);
ALTER TABLE anchors ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE anchors SET checksum = fovea_checksum(
    page, bytes, hash, packed);
ALTER TABLE corrections ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE corrections SET checksum = fovea_checksum(
    page, bytes, hash, packed);
ALTER TABLE history ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE history SET checksum = fovea_checksum(
    scope, page, time, event, from_level, to_level, reason, tokens_saved,
    accuracy);
ALTER TABLE policies ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE policies SET checksum = fovea_checksum(
    scope, json);
ALTER TABLE tombstone_secrets ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE tombstone_secrets SET checksum = fovea_checksum(
    scope, secret);
ALTER TABLE tombstones ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE tombstones SET checksum = fovea_checksum(
    scope, source, mark, bytes);
)sql";

// Corrections may hold exact text that is not to be lost.
constexpr const char* kVersion10 = R"sql(
ALTER TABLE corrections ADD COLUMN keeps_text INTEGER NOT NULL DEFAULT 0
  CHECK (keeps_text IN (0, 1));
UPDATE corrections SET checksum = fovea_checksum(page, bytes, hash, packed, keeps_text);
)sql";

// A checkpoint's fingerprint stands once in a store, vision tokens may be in a checkpoint's own code,
// embeddings have 8 bits a value. A row that was damaged stays known as damaged.
constexpr const char* kVersion11 = R"sql(
CREATE TABLE checkpoints (
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE
    CHECK (length(fingerprint) = 64 AND fingerprint NOT GLOB '*[^0-9a-f]*')
) STRICT;
INSERT INTO checkpoints (fingerprint)
  SELECT fingerprint FROM tokens UNION SELECT fingerprint FROM embeddings
  UNION SELECT fingerprint FROM page_fidelity;

CREATE TABLE coded_tokens (
  page INTEGER PRIMARY KEY REFERENCES pages (id),
  count INTEGER NOT NULL CHECK (count > 0),
  dim INTEGER NOT NULL CHECK (dim > 0),
  checkpoint INTEGER NOT NULL REFERENCES checkpoints (id),
  scales BLOB NOT NULL,       -- float32, little-endian [count]; empty: vals are in the code
  vals BLOB NOT NULL CHECK (length(vals) > 0),  -- int8 [count, dim], or the checkpoint's code
  checksum INTEGER NOT NULL,
  CHECK (length(scales) = 0 OR (length(scales) = 4 * count AND length(vals) = count * dim))
) STRICT;
INSERT INTO coded_tokens
  SELECT t.page, t.count, t.dim, c.id, t.scales, t.vals,
    iif(t.checksum = fovea_checksum(t.page, t.count, t.dim, t.fingerprint, t.scales, t.vals),
        fovea_checksum(t.page, t.count, t.dim, c.id, t.scales, t.vals), 0)
  FROM tokens t JOIN checkpoints c ON c.fingerprint = t.fingerprint;
DROP TABLE tokens;
ALTER TABLE coded_tokens RENAME TO tokens;

CREATE TABLE small_embeddings (
  page INTEGER PRIMARY KEY REFERENCES pages (id),
  checkpoint INTEGER NOT NULL REFERENCES checkpoints (id),
  change INTEGER NOT NULL,                     -- store.embedding_stamp when it was written
  vector BLOB NOT NULL CHECK (length(vector) > 4),   -- a float32 scale, then int8
  checksum INTEGER NOT NULL
) STRICT;
INSERT INTO small_embeddings
  SELECT e.page, c.id, e.change, fovea_embedding(e.vector),
    iif(e.checksum = fovea_checksum(e.page, e.fingerprint, e.change, e.vector),
        fovea_checksum(e.page, c.id, e.change, fovea_embedding(e.vector)), 0)
  FROM embeddings e JOIN checkpoints c ON c.fingerprint = e.fingerprint;
DROP TABLE embeddings;
ALTER TABLE small_embeddings RENAME TO embeddings;
CREATE INDEX embeddings_change ON embeddings (checkpoint, change);

CREATE TABLE fidelity_by_checkpoint (          -- as measured by reading the page back
  page INTEGER NOT NULL REFERENCES pages (id),
  checkpoint INTEGER NOT NULL REFERENCES checkpoints (id),   -- that read it
  level TEXT NOT NULL CHECK (level IN ('large', 'base', 'small', 'tiny', 'faint', 'trace')),
  accuracy REAL NOT NULL CHECK (accuracy BETWEEN 0 AND 1),
  exact_rows REAL NOT NULL CHECK (exact_rows BETWEEN 0 AND 1),
  word_precision REAL NOT NULL CHECK (word_precision BETWEEN 0 AND 1),
  checksum INTEGER NOT NULL,
  PRIMARY KEY (page, checkpoint, level)
) STRICT, WITHOUT ROWID;
INSERT INTO fidelity_by_checkpoint
  SELECT f.page, c.id, f.level, f.accuracy, f.exact_rows, f.word_precision,
    iif(f.checksum = fovea_checksum(f.page, f.fingerprint, f.level, f.accuracy, f.exact_rows,
                                    f.word_precision),
        fovea_checksum(f.page, c.id, f.level, f.accuracy, f.exact_rows, f.word_precision), 0)
  FROM page_fidelity f JOIN checkpoints c ON c.fingerprint = f.fingerprint;
DROP TABLE page_fidelity;
ALTER TABLE fidelity_by_checkpoint RENAME TO page_fidelity;
)sql";

// What a search ranks are pieces of messages, not pages. Those of the messages that there are get
// cut after this step, some at a time (see pieces.h).
constexpr const char* kVersion12 = R"sql(
DROP TABLE full_text;
CREATE TABLE pieces (                                 -- stretches of messages, in order
  scope INTEGER NOT NULL REFERENCES scopes (id),
  place INTEGER NOT NULL CHECK (place > 0),           -- 1, 2, 3 ... in the scope
  message INTEGER NOT NULL REFERENCES messages (id),
  message_begin INTEGER NOT NULL CHECK (message_begin >= 0),
  length INTEGER NOT NULL CHECK (length > 0),         -- bytes
  words INTEGER NOT NULL,                             -- -1: its text is not kept; -2: on no page yet
  session INTEGER NOT NULL,                           -- another one after hours of silence
  stretch INTEGER NOT NULL,                           -- of consecutive pieces, about a page
  page INTEGER NOT NULL,                              -- where it begins; 0: on none yet
  label TEXT,                                         -- of a message's first: who says it
  checksum INTEGER NOT NULL,
  PRIMARY KEY (scope, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX pieces_message ON pieces (message);
ALTER TABLE scopes ADD COLUMN piece_changes INTEGER NOT NULL DEFAULT 0;  -- counts removals
ALTER TABLE store ADD COLUMN uncut_message INTEGER;   -- pieces are missing from it on; null: none are
UPDATE store SET uncut_message = (SELECT min(id) FROM messages),
  checksum = iif(checksum = fovea_checksum(uuid, embedding_stamp, text_removals, text_erased,
                                           text_cleaned, full_text_until),
                 fovea_checksum(uuid, embedding_stamp, text_removals, text_erased, text_cleaned,
                                (SELECT min(id) FROM messages)), 0);
ALTER TABLE store DROP COLUMN full_text_until;

-- Keeps no text; row: scope * 2^32 + place. One is removed by giving its text again.
CREATE VIRTUAL TABLE piece_words USING fts5 (text, content = '', tokenize = 'porter words');
)sql";

// What pieces mean: vectors of an embedder that the caller has.
constexpr const char* kVersion13 = R"sql(
CREATE TABLE embedders (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) > 0)
) STRICT;
CREATE TABLE piece_vectors (
  piece INTEGER PRIMARY KEY,                          -- scope << 32 + place, as in piece_words
  embedder INTEGER NOT NULL REFERENCES embedders (id),
  vector BLOB NOT NULL CHECK (length(vector) > 4),    -- of unit length: a float32 scale, then int8
  checksum INTEGER NOT NULL
) STRICT;
ALTER TABLE scopes ADD COLUMN vector_changes INTEGER NOT NULL DEFAULT 0;
)sql";

// The words of pieces whose text is not kept may stay in the index, hashed (see hashed_words.h).
constexpr const char* kVersion14 = R"sql(
ALTER TABLE pieces ADD COLUMN hashed INTEGER;         -- sum over these; null: there are none
UPDATE pieces SET checksum = iif(
    checksum = fovea_checksum(scope, place, message, message_begin, length, words, session, stretch,
                              page, label),
    fovea_checksum(scope, place, message, message_begin, length, words, session, stretch, page,
                   label, NULL), 0);
)sql";

// What a ranking wants of pieces that change no more, some thousand in a row: see piece_blocks.h. It is
// a cache, which whoever searches fills; a change of a piece leaves none with it.
constexpr const char* kVersion15 = R"sql(
CREATE TABLE piece_blocks (
  scope INTEGER NOT NULL REFERENCES scopes (id),
  block INTEGER NOT NULL CHECK (block >= 0),          -- of places block * 8192 + 1 and on
  packed BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (scope, block)
) STRICT;
CREATE TRIGGER piece_added AFTER INSERT ON pieces BEGIN
  DELETE FROM piece_blocks WHERE scope = new.scope AND block = (new.place - 1) / 8192;
END;
CREATE TRIGGER piece_changed AFTER UPDATE ON pieces BEGIN
  DELETE FROM piece_blocks WHERE scope = old.scope AND block = (old.place - 1) / 8192;
END;
CREATE TRIGGER piece_removed AFTER DELETE ON pieces BEGIN
  DELETE FROM piece_blocks WHERE scope = old.scope AND block = (old.place - 1) / 8192;
END;
)sql";

// From here on a file is written without copies of rows in its free space (see free_space.h). That of
// an older one is as it is until it has been rewritten.
constexpr const char* kVersion16 = R"sql(
ALTER TABLE store ADD COLUMN holds_copies INTEGER NOT NULL DEFAULT 0
  CHECK (holds_copies IN (0, 1));                     -- of deleted rows, in the file's free space
UPDATE store SET holds_copies = EXISTS (SELECT 1 FROM scopes);
UPDATE store SET checksum = iif(
    checksum = fovea_checksum(uuid, embedding_stamp, text_removals, text_erased, text_cleaned,
                              uncut_message),
    fovea_checksum(uuid, embedding_stamp, text_removals, text_erased, text_cleaned, uncut_message,
                   holds_copies), 0);
)sql";

// How far off a measurement may be of which only some rows were read.
constexpr const char* kVersion17 = R"sql(
ALTER TABLE page_fidelity ADD COLUMN error REAL NOT NULL DEFAULT 0
  CHECK (error BETWEEN 0 AND 1);
UPDATE page_fidelity SET checksum = iif(
    checksum = fovea_checksum(page, checkpoint, level, accuracy, exact_rows, word_precision),
    fovea_checksum(page, checkpoint, level, accuracy, exact_rows, word_precision, error), 0);
)sql";

const std::array kMigrations = {
    Migration{1, kVersion1},   Migration{2, kVersion2},   Migration{3, kVersion3},
    Migration{4, kVersion4},   Migration{5, kVersion5},   Migration{6, kVersion6},
    Migration{7, kVersion7},   Migration{8, kVersion8},   Migration{9, kVersion9},
    Migration{10, kVersion10}, Migration{11, kVersion11}, Migration{12, kVersion12},
    Migration{13, kVersion13}, Migration{14, kVersion14}, Migration{15, kVersion15},
    Migration{16, kVersion16}, Migration{17, kVersion17}};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

}  // namespace fovea
