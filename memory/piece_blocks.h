#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memory/database.h"
#include "memory/store.h"

namespace fovea {

/// Pieces in a block: those at places 1 to this, and so on. The schema's triggers have the number, too.
inline constexpr std::int64_t kPiecesPerBlock = 8192;

/// A row of `pieces` with what a ranking wants of its message; the texts last as long as what they
/// were read from.
struct PieceFacts {
  std::int64_t place = 0, message = 0, begin = 0, length = 0, words = 0, session = 0, stretch = 0;
  PageId page = 0;
  bool is_hashed = false;
  std::optional<std::string_view> label;  ///< of a message's first piece: who says it
  std::string_view role;
  Time time = 0, expires = 0;
};

/// Packs pieces, which come in order, into a block: some eight bytes each.
class PieceBlockWriter {
 public:
  void add(const PieceFacts& piece);
  bool empty() const { return bytes_.empty(); }
  std::string take();

 private:
  void add_number(std::uint64_t number);
  void add_difference(std::int64_t number, std::int64_t before);
  void add_message(const PieceFacts& piece);
  void add_text(std::string_view text);

  std::string bytes_;
  std::vector<std::pair<std::string, std::optional<std::string>>> voices_;  ///< role and label
  PieceFacts last_;
};

/// The pieces of a block, in order. False, and `take` was called for some, when the bytes are none.
bool read_piece_block(std::string_view bytes, const std::function<void(const PieceFacts&)>& take);

/// The bytes of a scope's block; nothing when it was not saved, or is damaged.
std::optional<std::string> find_piece_block(const Database& database, ScopeId scope,
                                            std::int64_t block);
/// In a transaction of the caller's.
void save_piece_block(const Database& database, ScopeId scope, std::int64_t block,
                      std::string_view bytes);

}  // namespace fovea
