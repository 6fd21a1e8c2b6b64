#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "fovea/access.h"
#include "fovea/error.h"
#include "memory/engine.h"
#include "memory/libpq.h"
#include "memory/server_url.h"

namespace fovea {

/// Whether the server ends the session with that error; `state`: its five signs.
bool is_end_of_session(std::string_view state);

/// What the server says to a command that was sent to it.
struct PostgresAnswer {
  enum class State {
    awaited,
    here,
    failed
  };  ///< failed: it never comes, the command may be sent anew
  State state = State::awaited;
  PostgresResult result;
};

/// SQL that a session has prepared, or prepares when it is sent.
struct PostgresPrepared {
  std::string sql, name;
  std::size_t parameters = 0;
  std::int64_t session = 0;  ///< its number
  std::shared_ptr<PostgresAnswer> answer{};
};

/// A session with a PostgreSQL server, which is begun anew, outside of transactions, when it was
/// lost. A loss in a transaction, or of a session that cannot be begun anew, is an Error(io) for the
/// call that meets it. One thread at a time.
///
/// Commands are sent one behind the other (libpq's pipeline mode), and their answers read when the
/// first is needed: a round trip to the server is what costs. One that fails keeps those behind it
/// from being run, and receive() throws what was wrong with it.
class PostgresSession {
 public:
  /// Throws as open_postgres (postgres_engine.h) does.
  PostgresSession(const ServerUrl& server, int patience_ms, Access access);

  const std::string& name() const { return server_.name; }

  /// Does what may be done twice: a session that was lost while it did nothing is no loss.
  template <class Work>
  void again_if_lost(const Work& work) {
    try {
      work();
    } catch (const Error&) {
      if ((in_transaction_ && !is_fresh_) || !is_lost()) throw;
      work();
    }
  }

  /// One or several statements without parameters, at once. Throws Error.
  PostgresResult run(const char* sql);

  using Answer = std::shared_ptr<PostgresAnswer>;
  /// A statement with its parameters, which are copied; prepared where it was not yet.
  Answer send(PostgresPrepared& statement, const char* const* values, const int* lengths,
              const int* formats);
  /// The one with this SQL, in the dialect of all engines.
  std::shared_ptr<PostgresPrepared> prepared(std::string_view sql);
  /// Reads the answers of all that was sent. Throws Error for the first command that failed.
  void receive();
  /// Rows that the last statement touched.
  std::size_t changes();

  void set_patience(int milliseconds);
  /// Has the server show the rows of that user, or with `all` those of all users.
  void serve(std::string_view user, bool all);

  bool in_transaction() const { return in_transaction_; }
  /// Whether what is sent has to wait for nothing: it is stored with others, or not at all.
  bool is_writing() const { return in_transaction_ && !only_reads_; }
  /// The transaction begins with the first command in it.
  void begin(std::string sql, bool only_reads);
  /// Whether the transaction was committed is found out also when the session is lost meanwhile.
  void commit();
  void roll_back() noexcept;
  /// The transaction's number, by which the server knows whether it was committed.
  void note_transaction(std::string number) { transaction_ = std::move(number); }

 private:
  /// A command, or the end of a segment: if one fails, those behind it up to there are not run.
  struct Expected {
    Answer answer;              ///< null: the end of a segment
    bool is_forgotten = false;  ///< nobody waits for it, and it may have failed
  };

  void connect();
  /// Sees to it that there is a session; nothing in a transaction, which is lost with its session.
  void ensure();
  PostgresResult checked(PGresult* result);
  [[noreturn]] void throw_result(const PGresult* result);
  [[noreturn]] void throw_lost();
  bool was_committed();
  void configure();
  void open();
  void tell();
  Answer send_text(const std::string& sql);
  Answer expect(int is_sent);
  void end_segment();
  void send_end(const std::string& sql);
  void drop_later(std::string_view sql, const PostgresPrepared& statement);
  bool read_answer(Expected& expected, PostgresResult& failure);
  void give_up_answers();
  bool is_lost() const { return is_broken_ || libpq().status(connection_.get()) != CONNECTION_OK; }

  ServerUrl server_;
  int patience_ms_;
  Access access_;
  PostgresConnection connection_;
  bool is_broken_ = false;  ///< what libpq was given could not be sent
  std::int64_t number_ = 0;  ///< how often it was begun: prepared statements go with a session
  std::map<std::string, std::weak_ptr<PostgresPrepared>, std::less<>> prepared_;
  std::string to_drop_;  ///< SQL that has the server forget statements
  std::size_t dropped_ = 0;
  std::deque<Expected> expected_;  ///< what was sent, in order, as far as it was not received
  std::size_t changes_ = 0;
  std::string begin_;  ///< SQL
  bool in_transaction_ = false;
  bool only_reads_ = false;  ///< the transaction
  bool has_begun_ = false;   ///< `begin_` was sent
  bool is_fresh_ = false;    ///< nothing of the transaction was answered yet: it may begin again
  std::string transaction_;  ///< empty: it writes nothing
  std::string user_;
  bool all_users_ = false;
  bool serves_ = false;   ///< it has been said whom
  bool is_told_ = false;  ///< the session knows this, and how long it may wait
};

}  // namespace fovea
