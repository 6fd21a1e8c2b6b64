#pragma once

#include <map>
#include <optional>
#include <string>

#include "memory/database.h"
#include "memory/store.h"

namespace fovea {

/// Reads stretches of messages from the archive and the verbatim text.
class MessageTexts {
 public:
  explicit MessageTexts(const Database& database) : database_(database) {}

  /// Nothing when a part of it is not kept, or damaged.
  std::optional<std::string> text(ScopeId scope, const MessageSpan& range);
  /// The text of a page, which then need not be read.
  void know(PageId page, std::string text);

 private:
  const std::string* page_text(PageId page);
  bool read_pages(const MessageSpan& range, std::string& text, std::string& known);
  void read_verbatim(ScopeId scope, const MessageSpan& range, std::string& text,
                     std::string& known);

  const Database& database_;
  std::map<PageId, std::optional<std::string>> pages_;
};

}  // namespace fovea
