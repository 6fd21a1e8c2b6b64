#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "memory/database.h"
#include "memory/store.h"

namespace fovea {

/// Where a stretch of a message ends; a damaged one may end beyond all messages.
std::size_t end_of(const MessageSpan& span);

/// Reads stretches of messages from the archive and the verbatim text.
class MessageTexts {
 public:
  explicit MessageTexts(const Database& database) : database_(database) {}

  /// Reads what the texts of these will be made of, in few steps.
  void read_ahead(ScopeId scope, std::span<const MessageSpan> ranges);
  /// Nothing when a part of it is not kept, or damaged.
  std::optional<std::string> text(ScopeId scope, const MessageSpan& range);
  /// The text of a page, which then need not be read.
  void know(PageId page, std::string text);

 private:
  /// A part of a message that stands on a page.
  struct PagePart {
    PageId page = 0;
    std::size_t page_begin = 0;
    MessageSpan span;
  };
  /// A part of one that stands on none.
  struct LoosePart {
    std::size_t begin = 0;
    std::string text;
  };
  using RangeKey = std::tuple<std::int64_t, std::size_t, std::size_t>;  ///< of a MessageSpan
  static RangeKey key_of(const MessageSpan& range) {
    return {range.message, range.begin, range.length};
  }
  void read_parts(std::span<const MessageSpan> ranges);
  void read_loose(ScopeId scope, std::span<const std::int64_t> messages);
  const std::vector<PagePart>& parts_of(const MessageSpan& range);
  const std::string* page_text(PageId page);
  bool read_pages(const MessageSpan& range, std::string& text, std::string& known);
  void read_verbatim(ScopeId scope, const MessageSpan& range, std::string& text,
                     std::string& known);

  const Database& database_;
  std::map<PageId, std::optional<std::string>> pages_;
  std::map<RangeKey, std::vector<PagePart>> parts_;
  std::map<std::int64_t, std::vector<LoosePart>> loose_;  ///< by message
};

}  // namespace fovea
