#include "memory/postgres_connection.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr int kPauseMs = 50;

[[noreturn]] void fail_server(ErrorCode code, const std::string& name, const std::string& what) {
  throw Error(code, "store " + name + " " + what);
}

/// On one line: libpq parts sentences by lines and tabs.
std::string tidy(std::string_view message) {
  std::string text;
  for (const char c : message) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t';
    if (!is_space)
      text += c;
    else if (!text.empty() && text.back() != ' ')
      text += ' ';
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

struct DefaultsFreer {
  void operator()(PQconninfoOption* options) const { libpq().conninfoFree(options); }
};

/// libpq's own error would quote the name, which may be what follows a "&" in a password.
void check_settings(const ServerUrl& server) {
  const std::unique_ptr<PQconninfoOption, DefaultsFreer> known(libpq().conndefaults());
  if (!known) throw std::bad_alloc();
  for (std::size_t i = 0; i < server.settings.size(); ++i) {
    const PQconninfoOption* option = known.get();
    while (option->keyword && server.settings[i].first != option->keyword) ++option;
    if (!option->keyword)
      fail_server(ErrorCode::invalid_argument, server.name,
                  "has a setting behind the ? of its URL that libpq does not know; "
                  "correct its name, and write & in a password as %26");
  }
}

void ignore_notice(void*, const char*) {}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The server is there, and will answer in a moment.
bool is_starting(const std::string& message) {
  return has(message, "starting up") || has(message, "in recovery mode") ||
         has(message, "not yet accepting connections");
}

/// The server answered, and refused this login or database.
bool is_refusal(const std::string& message) {
  return has(message, "FATAL:") && !is_starting(message) && !has(message, "shutting down") &&
         !has(message, "too many") && !has(message, "remaining connection slots");
}

/// libpq did not look for a server, since a setting cannot be.
bool is_wrong_setting(const std::string& message) {
  return has(message, "invalid ") || has(message, "definition of service");
}

}  // namespace

PostgresSession::PostgresSession(const ServerUrl& server, int patience_ms, Access access)
    : server_(server), patience_ms_(patience_ms), access_(access) {
  check_settings(server_);
  connect();
}

void PostgresSession::connect() {
  const Libpq& pq = libpq();
  // What the URL says comes last, and is what counts. A server that is not reached any more is
  // noticed within a minute, where the system itself takes hours.
  std::vector<const char*> names = {
      "client_encoding",     "connect_timeout",  "fallback_application_name", "keepalives_idle",
      "keepalives_interval", "keepalives_count", "tcp_user_timeout"};
  std::vector<const char*> values = {"UTF8", "10", "fovea", "30", "10", "3", "60000"};
  for (const auto& [setting, value] : server_.settings) {
    names.push_back(setting.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  constexpr int kMostMs = 10'000;  // while a server starts
  for (int waited = 0;; waited += kPauseMs) {
    connection_.reset(pq.connectdbParams(names.data(), values.data(), 0));
    if (pq.status(connection_.get()) == CONNECTION_OK) break;
    const std::string message = tidy(pq.errorMessage(connection_.get()));
    if (is_starting(message) && waited < std::min(patience_ms_, kMostMs)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
      continue;
    }
    if (is_refusal(message) && number_ == 0)
      fail_server(ErrorCode::invalid_argument, name(),
                  "was refused by its server: " + message +
                      "; check user, password (PGPASSWORD or ~/.pgpass) and database");
    if (is_wrong_setting(message))
      fail_server(ErrorCode::invalid_argument, name(),
                  "cannot be looked for: " + message + "; correct the URL");
    fail_server(ErrorCode::io, name(),
                "does not answer: " + message + "; start the server or correct the URL");
  }
  pq.setNoticeProcessor(connection_.get(), ignore_notice, nullptr);
  ++number_;
  to_drop_.clear();
  dropped_ = 0;
  is_broken_ = false;
  is_told_ = false;
  has_begun_ = false;
  give_up_answers();
  configure();
}

void PostgresSession::configure() {
  constexpr int kOldest = 150000;
  if (libpq().serverVersion(connection_.get()) < kOldest)
    fail_server(ErrorCode::unsupported, name(),
                "is on a server older than PostgreSQL 15; give one of version 15 or newer");
  std::string settings =
      "SET search_path = fovea, pg_catalog; SET extra_float_digits = 3; SET statement_timeout = 0;"
      "SET idle_in_transaction_session_timeout = 0; SET plan_cache_mode = auto;"
      // A session keeps the plans that it makes while the store is empty. They are to go by indexes
      // in order, from which the newest rows of a scope are read, and not to sort.
      "SET random_page_cost = 1;";
  if (access_ == Access::read) settings += "SET default_transaction_read_only = on;";
  checked(libpq().exec(connection_.get(), settings.c_str()));
}

void PostgresSession::ensure() {
  if (in_transaction_ && !is_fresh_) return;
  if (!connection_ || is_lost()) return connect();
  constexpr std::size_t kAtOnce = 64;
  if (in_transaction_ || dropped_ < kAtOnce) return;
  dropped_ = 0;
  run(std::exchange(to_drop_, {}).c_str());
}

void PostgresSession::throw_lost() {
  const std::string message = tidy(libpq().errorMessage(connection_.get()));
  fail_server(ErrorCode::io, name(),
              "lost its server (" + message +
                  "); nothing of this step was stored: see to the server and call again");
}

void PostgresSession::throw_result(const PGresult* result) {
  const Libpq& pq = libpq();
  const char* state = pq.resultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string code = state ? state : "";
  // Without a state it is libpq that failed, to send or to hear; it may think that there is a
  // session as long as it has not met the end of what the server sent before.
  if (code.empty()) is_broken_ = true;
  if (is_lost()) throw_lost();
  is_broken_ = is_end_of_session(code);
  const char* primary = pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string detail = tidy(primary ? primary : pq.resultErrorMessage(result));
  if (code == "55P03")
    fail_server(ErrorCode::io, name(),
                "is locked by another process; wait until it is done, or stop it, and try again");
  if (code == "57014" || code.starts_with("57P"))  // cancelled, or the server is being stopped
    fail_server(ErrorCode::io, name(),
                "was stopped by its server (" + detail + "); nothing was stored: call again");
  if (code.starts_with("40"))
    fail_server(ErrorCode::io, name(),
                "was changed by another process meanwhile (" + detail + "); call again");
  if (code.starts_with("53") || code.starts_with("58"))
    fail_server(ErrorCode::io, name(),
                "cannot be written: " + detail +
                    "; make room at the server and try again (what "
                    "was stored is unchanged)");
  if (code == "25006")
    fail_server(ErrorCode::io, name(), "is read-only, or was opened to be read; open it to write");
  if (code == "42501")
    fail_server(ErrorCode::invalid_argument, name(),
                "refused this role: " + detail +
                    "; use the role that made the store, or grant it "
                    "its rights");
  if (code == "22021")
    fail_server(ErrorCode::invalid_argument, name(),
                "is on a server, where names of scopes, roles, source ids and reasons must be "
                "UTF-8 without zero bytes: " +
                    detail);
  if (code.starts_with("22") || code.starts_with("23") || code.starts_with("54"))
    fail_server(ErrorCode::invalid_argument, name(), "refused a value: " + detail);
  if (code.starts_with("42"))
    fail_server(ErrorCode::corruption, name(),
                "does not have the tables it should: " + detail + "; restore a copy");
  fail_server(ErrorCode::corruption, name(), "is damaged: " + detail + "; restore a copy");
}

PostgresResult PostgresSession::checked(PGresult* raw) {
  PostgresResult result(raw);
  const ExecStatusType status = libpq().resultStatus(raw);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
    throw_result(raw);
  return result;
}

void PostgresSession::set_patience(int milliseconds) {
  patience_ms_ = milliseconds;
  is_told_ = false;
}

void PostgresSession::serve(std::string_view user, bool all) {
  if (serves_ && user == user_ && all == all_users_) return;
  is_told_ = false;
  serves_ = true;
  user_ = user;
  all_users_ = all;
}

/// In the transaction of what is sent next: where the server refuses it, that is not run either.
void PostgresSession::tell() {
  std::string sql = "SELECT set_config('lock_timeout', '" +
                    std::to_string(std::max(patience_ms_, 1)) + "', false)";
  if (serves_) {
    // In the text of the statement: it is quoted as an escape string of single bytes. The schema
    // says what the "=" is for.
    std::string quoted = "=";
    for (const char c : user_) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      quoted.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
    sql += ", set_config('fovea.user', E'" + quoted + "', false), set_config('fovea.all_users', '" +
           (all_users_ ? "on" : "off") + "', false)";
  }
  send_text(sql);
  is_told_ = true;
}

void PostgresSession::begin(std::string sql, bool only_reads) {
  transaction_.clear();
  begin_ = std::move(sql);
  only_reads_ = only_reads;
  has_begun_ = false;
  is_fresh_ = true;
  in_transaction_ = true;
}

/// Of the last transaction, when its commit had no answer. Throws Error(io) when nobody can tell.
bool PostgresSession::was_committed() {
  const auto unknown = [&](const std::string& why) -> Error {
    return {ErrorCode::io, "store " + name() + " lost its server while it stored a step, and " +
                               why +
                               "; see to the server and call again: what it has already is "
                               "not stored twice"};
  };
  for (int waited = 0; waited < std::max(patience_ms_, 1); waited += kPauseMs) {
    try {
      connect();
      const auto status = run(("SELECT pg_xact_status('" + transaction_ + "'::xid8)").c_str());
      const std::string_view text =
          libpq().getisnull(status.get(), 0, 0) ? "" : libpq().getvalue(status.get(), 0, 0);
      if (text == "committed") return true;
      if (text != "in progress") return false;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::io) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
  }
  throw unknown("it does not come back to tell whether it has it");
}

/// Ends a transaction, and waits for nothing: what is sent next comes behind it.
void PostgresSession::send_end(const std::string& sql) {
  in_transaction_ = false;
  if (!has_begun_ || is_lost()) return;
  end_segment();  // it is to be run whatever becomes of what was sent before
  for (Expected& expected : expected_) expected.is_forgotten = true;
  libpq().enterPipelineMode(connection_.get());
  send_text(sql);
  expected_.back().is_forgotten = true;
  end_segment();
}

void PostgresSession::commit() {
  if (only_reads_) return roll_back();
  try {
    open();
    send_text("COMMIT");
    receive();
  } catch (const Error&) {
    if (!is_lost() || transaction_.empty()) throw;
    in_transaction_ = false;
    if (!was_committed())
      fail_server(ErrorCode::io, name(),
                  "lost its server; nothing of this step was stored: call again");
  }
  in_transaction_ = false;
}

void PostgresSession::roll_back() noexcept {
  if (!in_transaction_) return;
  try {
    send_end(only_reads_ ? "COMMIT" : "ROLLBACK");  // a rollback takes settings back, too
  } catch (const Error&) {  // the session is lost, and the transaction with it
  }
  if (!only_reads_) is_told_ = false;
}

}  // namespace fovea
