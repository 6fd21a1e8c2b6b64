#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fovea/search.h"

namespace fovea {

/// What to erase. Conditions, sources and query choose whole messages, and count together: a
/// message goes when it meets all that are given. They cannot be given with `pages` or `span`.
struct EraseOptions {
  /// With all that is on them; 0: text that fills no page yet.
  std::vector<std::int64_t> pages = {};
  std::vector<Condition> where = {};      ///< on role, source and time
  std::vector<std::string> sources = {};  ///< source ids
  std::string query = {};                 ///< messages that have all these words, in any order
  /// A stretch of a page's exact text, in Unicode characters; page 0 as above.
  struct Span {
    std::int64_t page = 0;
    std::size_t begin = 0;
    std::size_t length = 0;
  };
  std::optional<Span> span = {};
  bool dry_run = false;  ///< change nothing; the receipt says what would go
};

/// What was erased, or would be.
struct EraseReceipt {
  std::vector<std::int64_t> pages = {};
  /// Pages that a part was taken from: drawn anew without it.
  std::vector<std::int64_t> rewritten = {};
  /// Of `pages`, those that go whole, since what else is on them is not known exactly.
  std::vector<std::int64_t> without_text = {};
  /// Pages that a query could not look into, since their exact text was not kept.
  std::vector<std::int64_t> not_searched = {};
  std::size_t messages = 0;                      ///< that lose text
  std::size_t characters = 0;                    ///< of text that goes, as far as it is known
  std::map<std::string, std::size_t> rows = {};  ///< removed, by table
  /// What went, in lines and without text: store, scope, time, pages, rows by table. The store's
  /// history keeps its hash. Empty: nothing went.
  std::string receipt = {};
  std::string sha256 = {};  ///< of `receipt`, 64 hexadecimal digits
  /// False: another process kept the file from being cleaned; the rows are gone, their bytes go
  /// when the store is next opened or erased from.
  bool bytes_gone = true;
};

}  // namespace fovea
