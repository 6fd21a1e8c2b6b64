#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/database.h"
#include "memory/store.h"

namespace fovea {

/// The row of a scope's piece in the index of words: the pieces of a scope are one range of rows.
constexpr std::int64_t word_row(ScopeId scope, std::int64_t place) {
  return (scope << 32) + place;
}

// What `pieces.words` says of a piece whose words are not in the index.
inline constexpr std::int64_t kNoWords = -1;  ///< neither text nor words are kept
inline constexpr std::int64_t kWaiting = -2;  ///< it is on no page yet; a ranking reads its text

/// Notes that the page now holds the pieces that begin in its spans.
void place_pieces_on_page(const Database& database, ScopeId scope, PageId page);
/// The same, and puts their words into the index. `text`: the page's; absent: it is in the archive.
void index_pieces_of_page(const Database& database, ScopeId scope, PageId page,
                          std::optional<std::string> text = {});

/// What is to stand hashed in the index for a piece.
struct PieceText {
  std::int64_t place = 0;
  std::string text;
};
/// Of the pieces that stand whole in the ranges their text, while it is there. What another one has
/// of its text in them is added to the piece before it, or else to the one behind.
std::vector<PieceText> text_to_hash(const Database& database, ScopeId scope,
                                    std::span<const MessageSpan> ranges);
/// Puts their words into the index, hashed; their text is gone, and its words are out of the index.
void hash_pieces(const Database& database, ScopeId scope, std::span<const PieceText> pieces);

/// The stretches of messages that stand on the pages.
std::vector<MessageSpan> ranges_of_pages(const Database& database, std::span<const PageId> pages);

/// The words of a text, as the index counts them.
std::int64_t count_words(std::string_view text);

/// Takes the words of the pieces that have any byte in these ranges out of the index, while their
/// text is still there, and with `rows` the pieces too. What a piece has outside of the ranges
/// stays, as a smaller one. Returns how many pieces it were.
std::size_t remove_pieces(const Database& database, ScopeId scope,
                          std::span<const MessageSpan> ranges, bool rows);
/// All that the scope has.
std::size_t remove_all_pieces(const Database& database, ScopeId scope);

/// Has whoever keeps the scope's pieces in memory read them anew.
void note_piece_change(const Database& database, ScopeId scope);

/// Fills the index of words of the scope's pieces anew, whose rows must have none in it.
void index_pieces(const Database& database, ScopeId scope);

/// Cuts the messages of an older store, some in each transaction. Nothing to do in a current one.
void cut_older_messages(const Database& database);

}  // namespace fovea
