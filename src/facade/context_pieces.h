#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "context/transcript.h"
#include "facade/memory_core.h"

namespace fovea {

/// The pieces of a scope as a context shows them. What is not kept as text is read from the vision
/// tokens of its page when it is first asked for. `memory` must outlive it.
class ContextPieces {
 public:
  ContextPieces(const MemoryCore& memory, ScopeId scope);

  /// In order, without text.
  const std::vector<Piece>& all() const { return pieces_; }
  /// Of all(), those that begin on the page.
  std::span<const Piece> on_page(PageId page) const;
  /// Those that answer best first, then the others from the newest on. Of pages without text, the
  /// most alike ones are read and stand between. Not `all`: the first kFirst,
  /// more than most budgets hold.
  std::vector<std::int64_t> in_order(std::string_view query, bool all);
  static constexpr std::size_t kFirst = 4096;
  /// Whether any did, of the last query.
  bool answered() const { return answered_; }

  /// With their text, in the order asked for; nothing of pieces whose page cannot be read.
  std::vector<Piece> read(std::span<const std::int64_t> places);
  ShownPiece shown(const Piece& piece) const;
  /// Where it stands among all pieces in order of time.
  std::size_t order_of(const Piece& piece) const;
  bool is_of_last_session(const Piece& piece) const;

 private:
  std::vector<std::int64_t> likely(std::string_view query);
  std::string recovered(const Piece& piece);
  std::string mark_of(const Piece& piece) const;
  std::size_t rank_of(const Piece& piece) const;  ///< of its session

  const MemoryCore& memory_;
  ScopeId scope_;
  std::vector<Piece> pieces_;
  std::vector<std::string> session_dates_;  ///< by session; empty: not known
  std::vector<std::size_t> session_ranks_;  ///< by session, in order of time
  std::map<PageId, std::string> recovered_;
  bool answered_ = false;
};

}  // namespace fovea
