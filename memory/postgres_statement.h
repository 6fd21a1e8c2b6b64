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
  /// `sql` in the dialect of all engines. `changes`: where to note how many rows a run touched.
  /// Session and `changes` outlive it.
  PostgresStatement(PostgresSession& session, std::size_t& changes, std::string_view sql);
  ~PostgresStatement() override { session_.drop_later(name_, prepared_in_); }

  std::string_view sql() const override { return sql_; }
  bool step() override;
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
  void prepare();
  void run();
  std::string_view raw(int column) const;
  bool is_there(int column) const;

  PostgresSession& session_;
  std::size_t& changes_;
  std::string sql_, translated_, name_;
  std::size_t parameters_ = 0;
  std::int64_t prepared_in_ = 0;  ///< the session's number
  std::vector<Value> values_;
  PostgresResult result_;
  int row_ = -1;                                ///< -1: it is to be run
  mutable std::map<int, std::string> spelled_;  ///< numbers that were asked for as text
};

}  // namespace fovea
