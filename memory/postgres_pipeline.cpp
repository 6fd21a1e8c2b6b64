// What a session sends to its server, and how it reads the answers.

#include <atomic>
#include <charconv>

#include "memory/postgres_connection.h"
#include "memory/postgres_sql.h"

namespace fovea {

bool is_end_of_session(std::string_view state) {
  return state == "57P01" || state == "57P02" || state == "57P03" || state == "57P05";
}

PostgresResult PostgresSession::run(const char* sql) {
  open();
  receive();
  libpq().exitPipelineMode(connection_.get());
  try {
    return checked(libpq().exec(connection_.get(), sql));
  } catch (const Error&) {
    is_told_ = false;
    throw;
  }
}

/// Sees to it that the next command is sent to a session that knows what comes before it.
void PostgresSession::open() {
  constexpr std::size_t kMostSent = 1000;  // their answers take room, too
  if (expected_.size() >= kMostSent) receive();
  ensure();
  libpq().enterPipelineMode(connection_.get());
  if (in_transaction_ && !has_begun_) {
    end_segment();  // a transaction cannot begin in another one
    send_text(begin_);
    has_begun_ = true;
  }
  if (!is_told_) tell();
}

PostgresSession::Answer PostgresSession::expect(int is_sent) {
  if (is_sent == 0) {
    is_broken_ = true;
    throw_lost();
  }
  return expected_.emplace_back(Expected{std::make_shared<PostgresAnswer>()}).answer;
}

PostgresSession::Answer PostgresSession::send_text(const std::string& sql) {
  return expect(libpq().sendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr,
                                        nullptr, nullptr, 0));
}

PostgresSession::Answer PostgresSession::send(PostgresPrepared& statement,
                                              const char* const* values, const int* lengths,
                                              const int* formats) {
  const Libpq& pq = libpq();
  constexpr int kBinary = 1;
  open();
  const bool is_known = statement.session == number_ && statement.answer &&
                        statement.answer->state != PostgresAnswer::State::failed;
  if (!is_known) {
    statement.answer = expect(pq.sendPrepare(connection_.get(), statement.name.c_str(),
                                             statement.sql.c_str(), 0, nullptr));
    statement.session = number_;
  }
  return expect(pq.sendQueryPrepared(connection_.get(), statement.name.c_str(),
                                     static_cast<int>(statement.parameters), values, lengths,
                                     formats, kBinary));
}

void PostgresSession::end_segment() {
  if (expected_.empty() || !expected_.back().answer) return;
  expect(libpq().pipelineSync(connection_.get()));
  expected_.back().answer.reset();
}

/// False when the session ends before it.
bool PostgresSession::read_answer(Expected& expected, PostgresResult& failure) {
  const Libpq& pq = libpq();
  PostgresResult result(pq.getResult(connection_.get()));
  if (!result) return false;
  const ExecStatusType status = pq.resultStatus(result.get());
  if (!expected.answer) return status == PGRES_PIPELINE_SYNC;
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
    const std::string_view touched = pq.cmdTuples(result.get());
    if (!std::string_view(pq.cmdStatus(result.get())).starts_with("SELECT"))
      std::from_chars(touched.data(), touched.data() + touched.size(), changes_);
    expected.answer->result = std::move(result);
    expected.answer->state = PostgresAnswer::State::here;
  } else {
    expected.answer->state = PostgresAnswer::State::failed;
    is_told_ = false;  // what was set in the same transaction is as before
    const char* state = pq.resultErrorField(result.get(), PG_DIAG_SQLSTATE);
    if (status != PGRES_PIPELINE_ABORTED && !state) return false;
    const bool ends = state && is_end_of_session(state);
    if (status != PGRES_PIPELINE_ABORTED && !failure && (ends || !expected.is_forgotten))
      failure = std::move(result);
    if (ends) return false;
  }
  while (PostgresResult(pq.getResult(connection_.get()))) {
  }
  return true;
}

void PostgresSession::give_up_answers() {
  for (const Expected& expected : expected_) {
    if (expected.answer && expected.answer->state == PostgresAnswer::State::awaited)
      expected.answer->state = PostgresAnswer::State::failed;
  }
  expected_.clear();
}

void PostgresSession::receive() {
  if (expected_.empty()) return;
  end_segment();
  PostgresResult failure;
  while (!expected_.empty()) {
    if (!read_answer(expected_.front(), failure)) {
      give_up_answers();
      if (failure) throw_result(failure.get());
      is_broken_ = true;
      throw_lost();
    }
    expected_.pop_front();
  }
  if (has_begun_) is_fresh_ = false;
  if (failure) throw_result(failure.get());
}

std::size_t PostgresSession::changes() {
  receive();
  return changes_;
}

std::shared_ptr<PostgresPrepared> PostgresSession::prepared(std::string_view sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) {
    if (auto known = found->second.lock()) return known;
  }
  static std::atomic<std::uint64_t> number = 0;
  auto made = std::make_unique<PostgresPrepared>();
  made->name = "fovea" + std::to_string(++number);
  made->sql = with_dollars(sql, made->parameters);
  std::shared_ptr<PostgresPrepared> shared(
      made.release(), [this, key = std::string(sql)](PostgresPrepared* statement) {
        drop_later(key, *statement);
        delete statement;
      });
  prepared_.insert_or_assign(std::string(sql), shared);
  return shared;
}

void PostgresSession::drop_later(std::string_view sql, const PostgresPrepared& statement) {
  prepared_.erase(prepared_.find(sql));
  if (statement.session != number_) return;
  to_drop_ += "DEALLOCATE " + statement.name + ";";
  ++dropped_;
}

}  // namespace fovea
