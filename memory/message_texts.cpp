#include "memory/message_texts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "memory/ask_each.h"
#include "memory/checksum.h"
#include "memory/store_impl.h"

namespace fovea {
namespace {

constexpr std::size_t kMostPages = 256;  // whose texts are kept in memory

}  // namespace

std::size_t end_of(const MessageSpan& span) {
  constexpr std::size_t kMost = INT64_MAX;
  return span.length > kMost - span.begin ? kMost : span.begin + span.length;
}

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

void MessageTexts::read_ahead(ScopeId scope, std::span<const MessageSpan> ranges) {
  parts_.clear();
  loose_.clear();
  read_parts(ranges);
  std::set<PageId> pages;
  std::set<std::int64_t> messages;  // with text that is on no page
  for (const MessageSpan& range : ranges) {
    std::size_t on_pages = 0;
    for (const PagePart& part : parts_of(range)) {
      if (!pages_.contains(part.page)) pages.insert(part.page);
      on_pages +=
          std::min(end_of(part.span), end_of(range)) - std::max(part.span.begin, range.begin);
    }
    if (on_pages < range.length) messages.insert(range.message);
  }
  if (pages_.size() + pages.size() > kMostPages) pages_.clear();
  std::vector<PageId> unread(pages.begin(), pages.end());
  unread.resize(std::min(unread.size(), kMostPages));
  pages_.merge(read_archives(database_, unread));
  read_loose(scope, std::vector(messages.begin(), messages.end()));
}

void MessageTexts::read_parts(std::span<const MessageSpan> ranges) {
  ask_each(
      database_,
      "SELECT page, page_begin, message_begin, length FROM page_spans WHERE message = ? "
      "AND message_begin < ? AND message_begin + length > ?",
      ranges,
      [](Statement& span, const MessageSpan& range) {
        span.bind(range.message, range.begin + range.length, range.begin);
      },
      [&](Statement& span, const MessageSpan& range) {
        auto& parts = parts_[key_of(range)];
        parts.clear();
        while (span.step())
          parts.push_back({span.integer(0),
                           static_cast<std::size_t>(span.integer(1)),
                           {range.message, static_cast<std::size_t>(span.integer(2)),
                            static_cast<std::size_t>(span.integer(3))}});
      });
}

void MessageTexts::read_loose(ScopeId scope, std::span<const std::int64_t> messages) {
  ask_each(
      database_,
      "SELECT message_begin, text FROM verbatim WHERE scope = ? AND message = ? AND " +
          is_sound(database_, "verbatim"),
      messages, [&](Statement& row, std::int64_t message) { row.bind(scope, message); },
      [&](Statement& row, std::int64_t message) {
        auto& parts = loose_[message];
        while (row.step()) parts.push_back({static_cast<std::size_t>(row.integer(0)), row.text(1)});
      });
}

const std::vector<MessageTexts::PagePart>& MessageTexts::parts_of(const MessageSpan& range) {
  auto found = parts_.find(key_of(range));
  if (found != parts_.end()) return found->second;
  parts_.clear();
  read_parts({&range, 1});
  return parts_[key_of(range)];
}

const std::string* MessageTexts::page_text(PageId page) {
  auto found = pages_.find(page);
  if (found == pages_.end()) {
    if (pages_.size() >= kMostPages) pages_.clear();
    found = pages_.emplace(page, read_archive(database_, page)).first;
  }
  return found->second ? &*found->second : nullptr;
}

bool MessageTexts::read_pages(const MessageSpan& range, std::string& text, std::string& known) {
  for (const PagePart& part : parts_of(range)) {
    const std::string* page = page_text(part.page);
    if (!page) return false;
    const std::size_t from = std::max(part.span.begin, range.begin);
    const std::size_t to = std::min(part.span.begin + part.span.length, range.begin + range.length);
    if (from >= to) continue;
    const std::size_t offset = part.page_begin + (from - part.span.begin);
    if (offset > page->size() || to - from > page->size() - offset) return false;
    text.replace(from - range.begin, to - from, *page, offset, to - from);
    known.replace(from - range.begin, to - from, to - from, 'x');
  }
  return true;
}

void MessageTexts::read_verbatim(ScopeId scope, const MessageSpan& range, std::string& text,
                                 std::string& known) {
  if (!loose_.contains(range.message)) {
    loose_.clear();
    read_loose(scope, {&range.message, 1});
  }
  for (const LoosePart& part : loose_[range.message]) {
    const std::size_t from = std::max(part.begin, range.begin);
    const std::size_t to = std::min(part.begin + part.text.size(), range.begin + range.length);
    if (from >= to) continue;
    text.replace(from - range.begin, to - from, part.text, from - part.begin, to - from);
    known.replace(from - range.begin, to - from, to - from, 'x');
  }
}

}  // namespace fovea
