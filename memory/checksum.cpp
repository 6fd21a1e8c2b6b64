#include "memory/checksum.h"

#include <sodium.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "fovea/error.h"

namespace fovea {
namespace {

using Columns = std::string_view[];

constexpr Columns kStore = {"uuid",         "embedding_stamp", "text_removals", "text_erased",
                            "text_cleaned", "uncut_message",   "holds_copies"};
constexpr Columns kMessages = {"scope", "role",  "time",    "source_id",
                               "hash",  "bytes", "expires", "identity"};
constexpr Columns kVerbatim = {"scope", "message", "message_begin", "text"};
constexpr Columns kPages = {"scope",         "place",         "level",      "density",
                            "row_lengths",   "characters",    "bytes",      "text_tokens",
                            "time",          "last_recalled", "pinned",     "expires",
                            "legible_at",    "opening",       "leaves_open", "awaits_result",
                            "begins_with_result"};
constexpr Columns kSpans = {"page", "page_begin", "message", "message_begin", "length"};
constexpr Columns kPieces = {"scope", "place",   "message", "message_begin", "length",
                             "words", "session", "stretch", "page",          "label",
                             "hashed"};
constexpr Columns kPieceVectors = {"piece", "embedder", "vector"};
constexpr Columns kPieceBlocks = {"scope", "block", "packed"};
constexpr Columns kFidelity = {"page",       "checkpoint",     "level", "accuracy",
                               "exact_rows", "word_precision", "error"};
constexpr Columns kTokens = {"page", "count", "dim", "checkpoint", "scales", "vals"};
constexpr Columns kEmbeddings = {"page", "checkpoint", "change", "vector"};
constexpr Columns kArchive = {"page", "hash", "text"};
constexpr Columns kAnchors = {"page", "bytes", "hash", "packed"};
constexpr Columns kCorrections = {"page", "bytes", "hash", "packed", "keeps_text"};
constexpr Columns kHistory = {"scope",    "page",   "time",         "event",   "from_level",
                              "to_level", "reason", "tokens_saved", "accuracy"};
constexpr Columns kPolicies = {"scope", "json"};
constexpr Columns kSecrets = {"scope", "secret"};
constexpr Columns kTombstones = {"scope", "source", "mark", "bytes"};

constexpr std::array kTables = {
    CheckedTable{"store", "", kStore, "the store's own row", "is damaged"},
    CheckedTable{"messages", "id", kMessages, "message", "has a damaged row"},
    CheckedTable{"verbatim", "message", kVerbatim, "message",
                 "has damaged text that fills no page yet"},
    CheckedTable{"pages", "id", kPages, "page", "has a damaged row"},
    CheckedTable{"page_spans", "page", kSpans, "page", "has damaged places of messages"},
    CheckedTable{"pieces", "message", kPieces, "message", "has a damaged piece"},
    CheckedTable{"piece_vectors", "piece", kPieceVectors, "piece",
                 "has a vector that does not match its checksum"},
    CheckedTable{"piece_blocks", "scope", kPieceBlocks, "scope number",
                 "has damage in what a search keeps of its pieces; they are read one by one"},
    CheckedTable{"page_fidelity", "page", kFidelity, "page", "has damaged measurements"},
    CheckedTable{"tokens", "page", kTokens, "page",
                 "has vision tokens that do not match their checksum"},
    CheckedTable{"embeddings", "page", kEmbeddings, "page",
                 "has an embedding that does not match its checksum"},
    CheckedTable{"archive", "page", kArchive, "page",
                 "has archived text that is damaged or does not match its hash"},
    CheckedTable{"anchors", "page", kAnchors, "page", "has anchors that are damaged"},
    CheckedTable{"corrections", "page", kCorrections, "page",
                 "has corrections that are damaged"},
    CheckedTable{"history", "id", kHistory, "history entry", "is damaged"},
    CheckedTable{"policies", "scope", kPolicies, "scope number", "has a damaged policy"},
    CheckedTable{"tombstone_secrets", "scope", kSecrets, "scope number",
                 "has a damaged secret of its tombstones"},
    CheckedTable{"tombstones", "scope", kTombstones, "scope number", "has a damaged tombstone"},
};

using Hash = std::uint64_t;

Hash hash_of(const void* bytes, std::size_t size) {
  static_assert(crypto_shorthash_BYTES == sizeof(Hash));
  constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kKey{};  // no secret: a checksum
  Hash hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                   static_cast<const unsigned char*>(bytes), size, kKey.data());
  return hash;
}

/// Type and value of one of SQLite's values.
std::array<Hash, 2> marks_of(sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  Hash mark = 0;
  if (type == SQLITE_INTEGER) {
    const sqlite3_int64 number = sqlite3_value_int64(value);
    std::memcpy(&mark, &number, sizeof mark);
  } else if (type == SQLITE_FLOAT) {
    const double number = sqlite3_value_double(value);
    std::memcpy(&mark, &number, sizeof mark);
  } else if (type != SQLITE_NULL) {
    const void* bytes = sqlite3_value_blob(value);  // of text too; before its size is asked
    mark = hash_of(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value)));
  }
  return {static_cast<Hash>(type), mark};
}

void checksum(sqlite3_context* context, int count, sqlite3_value** values) {
  std::vector<Hash> marks;
  marks.reserve(2 * static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto of_value = marks_of(values[i]);
    marks.insert(marks.end(), of_value.begin(), of_value.end());
  }
  const Hash hash = hash_of(marks.data(), marks.size() * sizeof(Hash));
  sqlite3_result_int64(context, static_cast<sqlite3_int64>(hash));
}

const CheckedTable& checked_table(std::string_view name) {
  if (const CheckedTable* table = find_checked_table(name)) return *table;
  throw Error(ErrorCode::invalid_argument,
              "rows of table " + std::string(name) + " carry no checksum");
}

}  // namespace

std::span<const CheckedTable> checked_tables() { return kTables; }

const CheckedTable* find_checked_table(std::string_view name) {
  const auto found = std::ranges::find(kTables, name, &CheckedTable::name);
  return found == kTables.end() ? nullptr : &*found;
}

void add_checksum_function(sqlite3* database) {
  sqlite3_create_function_v2(database, "fovea_checksum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                             nullptr, checksum, nullptr, nullptr, nullptr);
}

std::string parameter(std::size_t number) {
  std::string text = "?";
  return text += std::to_string(number);
}

std::string is_sound(const Database& database, std::string_view table, std::string_view alias) {
  if (!database.engine().has_row_checksums()) return "TRUE";
  const std::string prefix = alias.empty() ? std::string() : std::string(alias) + ".";
  const auto named = [&](std::string_view column) { return prefix + std::string(column); };
  return named("checksum") + " = " + checksum_over(checked_table(table), named);
}

std::string insert_checked(const Database& database, std::string_view name) {
  const CheckedTable& table = checked_table(name);
  std::string columns, marks;
  std::size_t count = 0, number = 0;
  for (const std::string_view column : table.columns) {
    columns += (columns.empty() ? "" : ", ") + std::string(column);
    marks += (marks.empty() ? "" : ", ") + parameter(++count);
  }
  if (database.engine().has_row_checksums()) {
    columns += ", checksum";
    marks += ", " + checksum_over(table, [&](std::string_view) { return parameter(++number); });
  }
  return "INSERT INTO " + std::string(name) + " (" + columns + ") VALUES (" + marks + ")";
}

std::string upsert_checked(const Database& database, std::string_view name,
                           std::initializer_list<std::string_view> key) {
  std::string keys, changes;
  for (const std::string_view column : key)
    keys += (keys.empty() ? "" : ", ") + std::string(column);
  const auto take = [&](const std::string& column) {
    changes += (changes.empty() ? "" : ", ") + column + " = excluded." + column;
  };
  for (const std::string_view column : checked_table(name).columns) {
    if (std::ranges::find(key, column) == key.end()) take(std::string(column));
  }
  if (database.engine().has_row_checksums()) take("checksum");
  return insert_checked(database, name) + " ON CONFLICT (" + keys + ") DO UPDATE SET " + changes;
}

std::string update_checked(
    const Database& database, std::string_view table,
    std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
  const CheckedTable& checked = checked_table(table);
  std::string sql;
  for (const auto& [column, value] : changes)
    sql += (sql.empty() ? "" : ", ") + std::string(column) + " = " + std::string(value);
  const auto after = [&](std::string_view column) {
    for (const auto& [changed, value] : changes) {
      if (changed == column) return std::string(value);
    }
    return std::string(column);
  };
  if (database.engine().has_row_checksums())
    sql += ", checksum = iif(" + is_sound(database, table) + ", " + checksum_over(checked, after) +
           ", checksum)";
  return "UPDATE " + std::string(table) + " SET " + sql;
}

}  // namespace fovea
