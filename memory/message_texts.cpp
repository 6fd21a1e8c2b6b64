#include "memory/message_texts.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "memory/checksum.h"
#include "memory/store_impl.h"

namespace fovea {

std::optional<std::string> MessageTexts::text(ScopeId scope, const MessageSpan& range) {
  constexpr std::size_t kMost = std::size_t{1} << 31;
  if (range.length > kMost) return {};  // a damaged row
  std::string text(range.length, '\0'), known(range.length, '\0');
  if (!read_pages(range, text, known)) return {};
  if (known.find('\0') != std::string::npos) read_verbatim(scope, range, text, known);
  if (known.find('\0') != std::string::npos) return {};
  return text;
}

void MessageTexts::know(PageId page, std::string text) { pages_[page] = std::move(text); }

const std::string* MessageTexts::page_text(PageId page) {
  constexpr std::size_t kMost = 256;  // kept in memory
  auto found = pages_.find(page);
  if (found == pages_.end()) {
    if (pages_.size() >= kMost) pages_.clear();
    found = pages_.emplace(page, read_archive(database_, page, false)).first;
  }
  return found->second ? &*found->second : nullptr;
}

bool MessageTexts::read_pages(const MessageSpan& range, std::string& text, std::string& known) {
  Statement span = database_.prepare(
      "SELECT page, page_begin, message_begin, length FROM page_spans WHERE message = ? "
      "AND message_begin < ? AND message_begin + length > ?");
  span.bind(range.message, range.begin + range.length, range.begin);
  while (span.step()) {
    const std::string* page = page_text(span.integer(0));
    if (!page) return false;
    const auto page_begin = static_cast<std::size_t>(span.integer(1));
    const auto begin = static_cast<std::size_t>(span.integer(2));
    const std::size_t from = std::max(begin, range.begin);
    const std::size_t to = std::min(begin + static_cast<std::size_t>(span.integer(3)),
                                    range.begin + range.length);
    if (from >= to) continue;
    const std::size_t offset = page_begin + (from - begin);
    if (offset > page->size() || to - from > page->size() - offset) return false;
    text.replace(from - range.begin, to - from, *page, offset, to - from);
    known.replace(from - range.begin, to - from, to - from, 'x');
  }
  return true;
}

void MessageTexts::read_verbatim(ScopeId scope, const MessageSpan& range, std::string& text,
                                 std::string& known) {
  Statement row = database_.prepare(
      "SELECT message_begin, text FROM verbatim WHERE scope = ? AND message = ? "
      "AND " +
      is_sound(database_, "verbatim"));
  row.bind(scope, range.message);
  while (row.step()) {
    const auto begin = static_cast<std::size_t>(row.integer(0));
    const auto bytes = row.bytes(1);
    const std::size_t from = std::max(begin, range.begin);
    const std::size_t to = std::min(begin + bytes.size(), range.begin + range.length);
    if (from >= to) continue;
    text.replace(from - range.begin, to - from, bytes.substr(from - begin, to - from));
    known.replace(from - range.begin, to - from, to - from, 'x');
  }
}

}  // namespace fovea
