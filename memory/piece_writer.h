#pragma once

#include <optional>
#include <string_view>

#include "memory/database.h"
#include "memory/store.h"

namespace fovea {

/// Cuts new messages of a scope into pieces and adds these at its end. Their words go into the index
/// when they come onto a page: so a short message is a short write, and text that is to be kept
/// nowhere leaves no words. In a transaction of the caller's.
class PieceWriter {
 public:
  PieceWriter(const Database& database, ScopeId scope);
  /// A whole message.
  void add(std::int64_t message, std::string_view role, std::string_view text, Time time);
  /// What is kept of a message, part by part in order. `begin`: of the part, a byte in the message.
  void add_part(std::int64_t message, std::string_view role, std::size_t begin,
                std::string_view text, Time time);
  /// A part whose text is not kept: a piece without words.
  void add_unknown(const MessageSpan& part, Time time);

 private:
  void begin_message(Time time);
  void next_place(std::size_t bytes);
  void write_row(const MessageSpan& range, std::int64_t words,
                 const std::optional<std::string_view>& label);

  const Database& database_;
  ScopeId scope_;
  std::int64_t place_ = 0;    ///< of the last piece
  std::int64_t session_ = 1;  ///< of the last piece
  std::int64_t stretch_ = 1;
  std::size_t stretch_bytes_ = 0;
  Time last_time_ = 0;
};

}  // namespace fovea
