#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/level.h"
#include "fovea/page.h"
#include "fovea/scope.h"
#include "fovea/search.h"
#include "fovea/time.h"

namespace fovea {

/// Which pages or messages to list.
struct ListOptions {
  /// All must hold; as for a search, they may widen the list to the user's other scopes.
  std::vector<Condition> where = {};
  std::size_t limit = 0;  ///< only so many of the newest; 0: all
  std::int64_t page = 0;  ///< only this page, or the messages on it; 0: all
};

/// A page as the store lists it.
struct PageInfo {
  std::int64_t id = 0;
  Scope scope = {};
  Level level = Level::base;
  Layout layout = Layout::cells;
  Density density = Density::d106;  ///< of layout cells
  Time first_time = 0;  ///< of its first message that has one, 0: not known
  Time time = 0;        ///< of its last message
  Time last_recalled = 0;  ///< 0: never
  Time expires = 0;        ///< 0: never
  bool pinned = false;
  bool has_archive = false;
  bool keeps_text = false;  ///< no archive, but text that its tokens do not give back
  std::size_t characters = 0;
  std::size_t text_bytes = 0;
  std::size_t text_tokens = 0;  ///< its cost as text (estimated)
  std::size_t vision_tokens = 0;
  std::size_t token_bytes = 0;  ///< of the vision tokens, as stored
  std::optional<double> fidelity = {};    ///< 1 - edit distance / length at its level, if measured
  double fidelity_error = 0;              ///< of it, see Fidelity::error
  std::size_t messages = 0;               ///< that are on it, whole or in part
  std::vector<std::string> sources = {};  ///< their source ids, each once
};

/// A message as the store lists it.
struct MessageInfo {
  std::int64_t id = 0;
  Scope scope = {};
  std::string role = {};
  Time time = 0;     ///< 0: not known
  Time expires = 0;  ///< 0: never
  std::string source_id = {};         ///< empty: none
  std::vector<std::int64_t> pages = {};  ///< that it is on, in order; none: not on a page yet
  std::optional<Level> level = {};       ///< of the first of these
  std::size_t bytes = 0;
  std::optional<std::size_t> tokens = {};  ///< as text (estimated); absent: the text is not kept
  std::string begins = {};  ///< its first words, on one line; empty: the text is not kept
};

/// A scope and what the store holds of it.
struct ScopeInfo {
  Scope scope = {};
  std::size_t pages = 0;
  std::size_t messages = 0;
  std::size_t text_tokens = 0;  ///< of the pages, as text (estimated)
  std::size_t vision_tokens = 0;
  std::size_t verbatim_bytes = 0;  ///< of text that is not on a page yet
  Time first_time = 0;  ///< of its first message that has one, 0: not known
  Time time = 0;        ///< of its newest message
};

/// What the history keeps of a scope and its pages.
enum class HistoryEvent {
  fade,     ///< a step down
  promote,  ///< back to a sharper level
  migrate,  ///< encoded by another checkpoint
  pin,
  unpin,
  drop_archive,  ///< the exact text went
  erase,         ///< because that was asked for
  erase_part,    ///< of a page, or of text that fills none
  gone,          ///< as old as the policy keeps pages
  expire,        ///< its date had come
};
/// "fade", "drop_archive" ...
std::string_view name_of(HistoryEvent event);

/// Something that happened to a page or scope.
struct HistoryEntry {
  Time time = 0;
  HistoryEvent event = HistoryEvent::fade;
  std::int64_t page = 0;  ///< 0: the whole scope
  std::optional<Level> from = {};
  std::optional<Level> to = {};
  std::string reason = {};
  int tokens_saved = 0;
  std::optional<double> accuracy = {};  ///< 1 - edit distance / length at `to`, if measured
};

}  // namespace fovea
