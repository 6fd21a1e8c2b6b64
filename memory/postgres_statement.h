#pragma once

#include <map>
#include <string>
#include <vector>

#include "memory/engine.h"
#include "memory/postgres_connection.h"

namespace fovea {

/// A statement that a session has prepared, with the whole result of its last run.
class PostgresStatement : public EngineStatement {
 public:
  /// `sql` in the dialect of all engines. The session outlives it.
  PostgresStatement(PostgresSession& session, std::string_view sql);

  std::string_view sql() const override { return sql_; }
  bool step() override;
  void run() override;
  void send() override;
  void reset() override;
  void clear() override;

  void bind_integer(int index, std::int64_t value) override;
  void bind_real(int index, double value) override;
  void bind_text(int index, std::string_view value) override;
  void bind_blob(int index, std::string_view value) override;
  void bind_null(int index) override;

  ValueType type(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view bytes(int column) const override;

 private:
  struct Value {
    std::string bytes;
    bool is_null = true;
    bool is_binary = false;
  };
  Value& parameter_at(int index);
  bool may_be_repeated() const;
  void read_answer();
  std::string_view raw(int column) const;
  bool is_there(int column) const;

  PostgresSession& session_;
  std::string sql_;
  std::shared_ptr<PostgresPrepared> prepared_;
  std::vector<Value> values_;
  PostgresSession::Answer answer_;  ///< to what was sent and is not read
  PostgresResult result_;
  int row_ = -1;                                ///< -1: it is to be run
  mutable std::map<int, std::string> spelled_;  ///< numbers that were asked for as text
};

}  // namespace fovea
