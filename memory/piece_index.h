#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "memory/large_block.h"
#include "memory/message_label.h"
#include "memory/piece_blocks.h"
#include "memory/piece_vectors.h"
#include "memory/pieces.h"

namespace fovea {

/// Consecutive pieces of one stretch and one session.
struct PieceRun {
  std::uint32_t begin = 0;  ///< its first piece
  std::uint32_t stretch = 0;
  std::uint32_t session = 0;
};

/// What is known of a scope's pieces without their text, in order; one item a piece in each list.
struct PieceIndex {
  ScopeId scope = 0;

  LargeList<std::uint32_t> place;
  LargeList<std::int32_t> words;     ///< kNoWords: neither its text nor its words are kept
  LargeList<std::uint8_t> hashed;    ///< its words are hashed, and its text is not kept
  LargeList<std::uint32_t> session;  ///< 0, 1, 2 ...
  LargeList<std::uint32_t> stretch;  ///< 0, 1, 2 ...: consecutive pieces, about a page
  LargeList<std::uint32_t> voice;    ///< in `voices`
  LargeList<std::uint8_t> is_first;  ///< of its message
  LargeList<PageId> page;            ///< where it begins; 0: on none yet
  LargeList<std::int64_t> message;
  LargeList<std::uint32_t> begin;   ///< byte in the message
  LargeList<std::uint32_t> length;  ///< bytes

  LargeList<Time> expires;          ///< when the message is over, 0: never
  bool any_expires = false;

  std::vector<Voice> voices;
  std::vector<Time> session_time;  ///< by session: of its first message with a time; 0: none has one

  // Of the pieces whose text is kept; by session, stretch and page, counted in words.
  double all_words = 0;
  std::size_t with_words = 0;
  std::vector<float> session_words;
  std::vector<float> stretch_words;
  std::vector<float> page_words;
  std::size_t stretches_with_words = 0, sessions_with_words = 0;
  bool any_without_words = false;  ///< a piece
  bool no_place_missing = false;   ///< each place is by one more than the one before
  std::size_t messages = 0;        ///< that pieces are of
  std::vector<PieceRun> runs;      ///< all of the pieces, in order
  std::vector<PageId> pages;            ///< on which pieces begin, in order
  std::vector<std::uint32_t> page_begin;   ///< of each page the first piece
  std::vector<std::uint32_t> unpaged;      ///< the pieces that are on no page
  LargeList<std::uint32_t> page_at;   ///< of each piece, in `pages`; kNoPage: on none yet
  /// By stretch: the sessions of its first and its last piece.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> stretch_sessions;
  static constexpr std::uint32_t kNoPage = UINT32_MAX;

  std::vector<std::int64_t> stored_sessions, stored_stretches;  ///< the store's numbers of each

  struct Block {
    std::int64_t number;
    std::string bytes;
  };
  std::vector<Block> unsaved;  ///< blocks that were read piece by piece

  PieceVectors vectors;  ///< read when a ranking first asks for them

  // The scope's state when it was read.
  std::int64_t changes = -1;
  std::int64_t last_page = 0;

  bool has_hashed = false;  ///< any piece
  bool any_page_without_words = false;

  std::size_t size() const { return place.size(); }
  /// Whether a ranking may give it a score.
  bool is_served(std::size_t i, Time now) const { return words[i] >= 0 && !is_over(i, now); }
  bool has_text(std::size_t i) const { return words[i] >= 0 && hashed[i] == 0; }
  MessageSpan range(std::size_t i) const { return {message[i], begin[i], length[i]}; }
  /// A name counts as a speaker's unless it stands before few messages' words: "Note: ...".
  bool is_speaker(const Voice& voice) const;
  /// Of a piece whose message is over: it is served no more, whether or not it was erased already.
  bool is_over(std::size_t i, Time now) const { return expires[i] != 0 && expires[i] <= now; }
};

/// Saves the unsaved blocks, unless pieces have changed since they were read, in a transaction of its
/// own. Throws Error where the store cannot be written.
void save_blocks(PieceIndex& index, const Database& database);

/// Makes `index` what the scope's pieces are now. Reads what is new since the last time, and all of
/// it after pieces were removed. Throws Error(corruption) for rows that cannot be. The words of those
/// that are on no page yet become waiting ones of the index of words.
void refresh(PieceIndex& index, const Database& database, ScopeId scope);

}  // namespace fovea
