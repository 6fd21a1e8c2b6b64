#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fovea/access.h"
#include "memory/database.h"
#include "memory/encrypted_files.h"
#include "memory/writer_queue.h"

struct sqlite3;
struct sqlite3_stmt;

namespace fovea {

/// A connection to one SQLite file, which several processes may share: one writer at a time, who
/// all others see when it has committed. Writers wait in a line (writer_queue.h).
class SqliteEngine : public Engine {
 public:
  /// `database`: whose engine it is; it outlives it.
  SqliteEngine(const Database& database, const std::string& path, int patience_ms,
               const std::optional<Key>& key, Access access);
  ~SqliteEngine() override;

  sqlite3* handle() const { return connection_.get(); }

  std::unique_ptr<EngineStatement> compile(std::string_view sql) override;
  void execute(const std::string& sql) override;
  std::size_t statements_at_once() const override { return 1; }
  std::size_t changes() override;
  bool is_read_only() const override;
  void set_patience(int milliseconds) override;

  void begin_reading() override;
  void begin_writing(std::int64_t scope) override;
  void commit() override;
  void roll_back() noexcept override;

  void open_store(std::int64_t max_file_bytes) override;
  bool separates_users() const override { return false; }
  void serve(const std::optional<std::string>& /*user*/) override {}

  bool has_row_checksums() const override { return true; }
  WordIndex& words() override;

  std::int64_t embedding_stamp() override;
  std::int64_t stamp_embeddings(std::int64_t scope) override;
  void note_removed_text(std::int64_t scope, bool erased) override;
  bool cleans_by_itself() const override { return true; }
  bool is_unclean() override;
  bool clean() override;
  std::string_view when_bytes_go() const override { return {}; }

  std::vector<std::int64_t> new_ids(const std::string& table,
                                    std::span<const std::int64_t> theirs) override;
  void defer_references() override;

  void back_up(const std::string& file) override;
  std::size_t stored_bytes() override;
  void check(const std::function<void(const std::string&)>& find) override;

  std::optional<Key> data_key() const override;
  void change_key(const Key& key) override;

 private:
  struct Closer {
    void operator()(sqlite3* connection) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  class WriterTurn;
  bool try_to_begin();
  void use_write_ahead_log();
  bool truncate_log();
  bool wants_rewriting() const;
  bool rewrite();

  const Database& database_;
  std::string path_;
  int patience_ms_;
  std::unique_ptr<EncryptedFiles> files_;  ///< absent: not encrypted; outlives the connection
  std::unique_ptr<sqlite3, Closer> connection_;
  std::unique_ptr<sqlite3_stmt, Closer> begin_;  ///< of writing; made when it is first needed
  std::unique_ptr<WriterQueue> queue_;           ///< absent: writers do not queue
  std::unique_ptr<WordIndex> words_;             ///< made when it is first asked for
};

}  // namespace fovea
