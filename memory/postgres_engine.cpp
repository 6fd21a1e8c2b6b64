#include "memory/postgres_engine.h"

#include <sodium.h>

#include "fovea/error.h"
#include "memory/postgres_connection.h"
#include "memory/postgres_schema.h"
#include "memory/postgres_statement.h"
#include "memory/postgres_words.h"
#include "memory/schema.h"

namespace fovea {
namespace {

/// The tables that hold what users store, in the order in which cleaning rewrites them.
constexpr const char* kCleaned[] = {
    "piece_words", "pieces",     "piece_blocks",      "piece_vectors", "verbatim",
    "archive",     "anchors",    "corrections",       "tokens",        "embeddings",
    "page_spans",  "pages",      "page_fidelity",     "messages",      "history",
    "policies",    "tombstones", "tombstone_secrets", "scopes"};

class PostgresEngine : public Engine {
 public:
  PostgresEngine(const Database& database, const ServerUrl& server, int patience_ms, Access access)
      : database_(database), session_(server, patience_ms, access), access_(access) {}

  std::unique_ptr<EngineStatement> compile(std::string_view sql) override {
    return std::make_unique<PostgresStatement>(session_, sql);
  }

  void execute(const std::string& sql) override { session_.run(sql.c_str()); }

  std::size_t statements_at_once() const override { return 256; }
  std::size_t changes() override { return session_.changes(); }
  bool is_read_only() const override { return access_ == Access::read; }
  void set_patience(int milliseconds) override { session_.set_patience(milliseconds); }

  void begin_reading() override {
    session_.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", true);
  }

  /// Whoever writes a scope keeps others from writing that scope alone. What it sees is what the
  /// one before it left, since each statement takes a look of its own.
  void begin_writing(std::int64_t scope) override {
    session_.begin("BEGIN ISOLATION LEVEL READ COMMITTED", false);
    try {
      // One statement: if the session was lost, it is repeated as a whole.
      constexpr const char* kNumber = "SELECT CAST(pg_current_xact_id() AS text)";
      Statement number = database_.prepare(
          scope == 0 ? kNumber : std::string(kNumber) + ", pg_advisory_xact_lock(?, ?)");
      if (scope != 0) number.bind(kApplicationId, scope);
      number.step();
      session_.note_transaction(number.text(0));
    } catch (const Error&) {
      session_.roll_back();
      throw;
    }
  }

  void commit() override { session_.commit(); }
  void roll_back() noexcept override { session_.roll_back(); }

  void open_store(std::int64_t max_file_bytes) override {
    if (max_file_bytes > 0)
      throw Error(ErrorCode::unsupported, "store " + session_.name() +
                                              " is on a server, which limits its size by itself "
                                              "(a tablespace, a quota); give no limit");
    prepare_postgres_schema(database_);
  }

  bool separates_users() const override { return true; }
  void serve(const std::optional<std::string>& user) override {
    if (session_.in_transaction()) return;  // it goes on for whom it was begun
    session_.serve(user.value_or(""), !user);
  }

  bool has_row_checksums() const override { return false; }

  WordIndex& words() override {
    if (!words_) words_ = std::make_unique<PostgresWords>(database_);
    return *words_;
  }

  std::int64_t embedding_stamp() override {
    return database_.integer("SELECT coalesce(bit_xor(embedding_stamp), 0) FROM scopes");
  }

  std::int64_t stamp_embeddings(std::int64_t scope) override {
    std::uint64_t random = 0;
    randombytes_buf(&random, sizeof random);
    const auto stamp = static_cast<std::int64_t>(random >> 1);
    database_.prepare("UPDATE scopes SET embedding_stamp = ? WHERE id = ?")
        .bind(stamp, scope)
        .run();
    return stamp;
  }

  void note_removed_text(std::int64_t /*scope*/, bool /*erased*/) override {}
  bool cleans_by_itself() const override { return false; }
  bool is_unclean() override { return false; }

  /// Each table is written anew, and its old file goes; then the log is ended, so that the server
  /// may use its segments again.
  bool clean() override {
    for (const char* table : kCleaned)
      execute("VACUUM (FULL, ANALYZE) fovea." + std::string(table));
    try {
      execute("CHECKPOINT");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_argument) throw;  // a right that this role lacks
      return false;
    }
    return true;
  }

  std::string_view when_bytes_go() const override {
    return "leave the tables when these are vacuumed in full, and the server's log (WAL) when its "
           "segments are used again; copies of either keep them";
  }

  std::vector<std::int64_t> new_ids(const std::string& table,
                                    std::span<const std::int64_t> theirs) override {
    std::vector<std::int64_t> ids;
    Statement next = database_.prepare(
        "SELECT nextval(pg_get_serial_sequence(?, 'id')) FROM generate_series(1, ?)");
    next.bind("fovea." + table, theirs.size());
    while (next.step()) ids.push_back(next.integer(0));
    return ids;
  }

  void defer_references() override { execute("SET CONSTRAINTS ALL DEFERRED"); }

  void back_up(const std::string& /*file*/) override {
    throw Error(ErrorCode::unsupported,
                "store " + session_.name() +
                    " is on a server: back it up with pg_dump, or export its scopes one by one");
  }

  std::size_t stored_bytes() override {
    return static_cast<std::size_t>(database_.integer(
        "SELECT CAST(coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bigint) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'fovea' AND c.relkind = 'r'"));
  }

  void check(const std::function<void(const std::string&)>& find) override {
    for (const std::string& table : unprotected_tables(database_))
      find("table " + table + " was changed: it does not keep users apart");
  }

  std::optional<Key> data_key() const override { return {}; }
  void change_key(const Key& /*key*/) override { throw_no_key(); }

  [[noreturn]] void throw_no_key() const {
    throw Error(ErrorCode::invalid_argument,
                "store " + session_.name() +
                    " is on a server and not encrypted by Fovea; give no key, and encrypt the "
                    "server's disk and its connections (sslmode=verify-full)");
  }

 private:
  const Database& database_;
  PostgresSession session_;
  Access access_;
  std::unique_ptr<WordIndex> words_;  ///< made when it is first asked for
};

}  // namespace

std::unique_ptr<Engine> open_postgres(const Database& database, const ServerUrl& server,
                                      int patience_ms, const std::optional<Key>& key,
                                      Access access) {
  auto engine = std::make_unique<PostgresEngine>(database, server, patience_ms, access);
  if (key) engine->throw_no_key();
  return engine;
}

}  // namespace fovea
