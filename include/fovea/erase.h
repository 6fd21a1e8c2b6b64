#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fovea/search.h"

namespace fovea {

/// What to erase: pages, or a span of one, or the messages that meet all of `where`, `sources` and
/// `query` that are given.
struct EraseOptions {
  /// With everything on them; 0: the text that is not on a page yet.
  std::vector<std::int64_t> pages = {};
  std::vector<Condition> where = {};      ///< on role, source and time
  std::vector<std::string> sources = {};  ///< messages with one of these source ids
  /// Messages with all these whole words, in any order. No phrases and no prefixes: too much would
  /// be gone, or too little.
  std::string query = {};
  /// A part of a page's exact text, in Unicode characters; page 0 as above.
  struct Span {
    std::int64_t page = 0;
    std::size_t begin = 0;
    std::size_t length = 0;
  };
  std::optional<Span> span = {};
  bool dry_run = false;  ///< change nothing; the receipt says what would be erased
};

/// What was erased, or would be.
struct EraseReceipt {
  std::vector<std::int64_t> pages = {};
  /// Pages that lost a part and were drawn anew without it.
  std::vector<std::int64_t> rewritten = {};
  /// Of `pages`, those erased whole because the rest of their text is not known exactly.
  std::vector<std::int64_t> without_text = {};
  /// Pages that a query could not search because their exact text was not kept.
  std::vector<std::int64_t> not_searched = {};
  std::size_t messages = 0;                      ///< that lose text
  std::size_t characters = 0;                    ///< of erased text, as far as it is known
  std::map<std::string, std::size_t> rows = {};  ///< removed, by table
  /// Lines that say what was erased, without its text: store, scope, time, pages, rows by table.
  /// The store's history keeps its hash. Empty: nothing was erased.
  std::string receipt = {};
  std::string sha256 = {};  ///< of `receipt`, 64 hexadecimal digits
  /// False: the rows are gone, but their bytes are not overwritten yet, as another process kept
  /// them from it, or as the store is on a server. Memory::clean does it; in a file, opening the
  /// store or erasing something does it, too.
  bool bytes_gone = true;
};

}  // namespace fovea
