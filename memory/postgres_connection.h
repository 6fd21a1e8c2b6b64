#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/access.h"
#include "fovea/error.h"
#include "memory/engine.h"
#include "memory/libpq.h"
#include "memory/server_url.h"

namespace fovea {

/// A session with a PostgreSQL server, which is begun anew, outside of transactions, when it was
/// lost. A loss in a transaction, or of a session that cannot be begun anew, is an Error(io) for the
/// call that meets it. One thread at a time.
class PostgresSession {
 public:
  /// Throws as open_postgres (postgres_engine.h) does.
  PostgresSession(const ServerUrl& server, int patience_ms, Access access);

  /// How often it was begun: prepared statements go with a session.
  std::int64_t number() const { return number_; }
  const std::string& name() const { return server_.name; }
  /// Sees to it that there is a session; nothing in a transaction, which is lost with its session.
  void ensure();

  /// Does what may be done twice: a session that was lost while it did nothing is no loss.
  template <class Work>
  void again_if_lost(const Work& work) {
    try {
      work();
    } catch (const Error&) {
      if (in_transaction_ || !is_lost()) throw;
      work();
    }
  }

  /// One or several statements without parameters. Throws Error.
  PostgresResult run(const char* sql);
  void prepare(const std::string& name, const std::string& sql);
  PostgresResult run_prepared(const std::string& name, int count, const char* const* values,
                              const int* lengths, const int* formats);

  /// Has the server forget a statement of that session, some time.
  void drop_later(std::string name, std::int64_t session);

  void set_patience(int milliseconds);
  /// Has the server show the rows of that user, or with `all` those of all users.
  void serve(std::string_view user, bool all);

  bool in_transaction() const { return in_transaction_; }
  void begin(const std::string& sql);
  /// Whether the transaction was committed is found out also when the session is lost meanwhile.
  void commit();
  void roll_back() noexcept;
  /// The transaction's number, by which the server knows whether it was committed.
  void note_transaction(std::string number) { transaction_ = std::move(number); }

 private:
  void connect();
  PostgresResult checked(PGresult* result);
  [[noreturn]] void throw_result(const PGresult* result);
  [[noreturn]] void throw_lost();
  bool was_committed();
  void configure();
  void tell();
  bool is_lost() const { return is_broken_ || libpq().status(connection_.get()) != CONNECTION_OK; }

  ServerUrl server_;
  int patience_ms_;
  Access access_;
  PostgresConnection connection_;
  bool is_broken_ = false;  ///< what libpq was given could not be sent
  std::int64_t number_ = 0;
  std::string to_drop_;  ///< SQL, one line a statement
  std::size_t dropped_ = 0;
  bool in_transaction_ = false;
  std::string transaction_;  ///< empty: it writes nothing
  std::string user_;
  bool all_users_ = false;
  bool is_told_ = false;  ///< the session knows whom it serves
};

}  // namespace fovea
