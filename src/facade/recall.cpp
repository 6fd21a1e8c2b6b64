#include <algorithm>
#include <set>

#include "facade/event_recorder.h"
#include "facade/memory_core.h"
#include "fovea/error.h"

namespace fovea {
namespace {

/// Which messages the text is of, where it is as long as the page's exact one.
std::vector<RecalledMessage> messages_of(const Store& store, ScopeId scope, const StoredPage& page,
                                         std::string_view text) {
  std::vector<RecalledMessage> messages;
  if (text.size() != page.bytes) return messages;
  for (PageSpan& span : store.spans(scope, page.id))
    messages.push_back({span.page_begin, span.length, std::move(span.role), span.time,
                        span.message_begin == 0, span.ends_message});
  return messages;
}

RecalledSpan whole(std::string_view text, Origin origin) {
  return {.begin = 0, .length = text.size(), .origin = origin, .confidence = 1};
}

/// Reads the texts of pages.
class Reading {
 public:
  Reading(const MemoryCore& memory, ScopeId scope, Source source)
      : memory_(memory), scope_(scope), source_(source) {}

  /// `each` returning false ends it; the result is false then.
  bool read(std::span<const StoredPage> pages, const std::function<bool(Recalled)>& each) {
    for (const StoredPage& page : pages) {
      Recalled item = read_one(page);
      item.messages = messages_of(memory_.store, scope_, page, item.text);
      if (!each(std::move(item))) return false;
    }
    return true;
  }

 private:
  Recalled read_one(const StoredPage& page);
  void read_archive(const StoredPage& page, Recalled& item);
  bool read_kept(const StoredPage& page, Recalled& item);
  void read_tokens(const VisionTokens& tokens, bool has_corrections, Recalled& item);
  static void read_cells(const RecoveredPage& page, Recalled& item);
  static void read_document(const ReadPage& read, Recalled& item);

  const MemoryCore& memory_;
  ScopeId scope_;
  Source source_;
};

Recalled Reading::read_one(const StoredPage& page) {
  Recalled item;
  item.id = page.id;
  item.level = page.level;
  item.time = page.time;
  if (source_ != Source::tokens && (page.has_archive || source_ == Source::archive))
    read_archive(page, item);
  else if (source_ != Source::automatic || !read_kept(page, item))
    read_tokens(memory_.store.tokens(scope_, page.id), page.has_corrections, item);
  return item;
}

/// Corrections fit the greedy reading alone.
void Reading::read_tokens(const VisionTokens& tokens, bool has_corrections, Recalled& item) {
  const bool corrected = source_ != Source::tokens && has_corrections;
  const int width = corrected ? kGreedy : memory_.codec_options.beam_width;
  const ReadPage read = memory_.decode({&tokens, 1}, width).front();
  if (tokens.layout == Layout::document && !corrected) return read_document(read, item);
  read_cells(source_ == Source::tokens
                 ? RecoveredPage(read, tokens.density, tokens.row_lengths, memory_.alphabet())
                 : memory_.recover(scope_, item.id, tokens, read),
             item);
}

void Reading::read_cells(const RecoveredPage& page, Recalled& item) {
  item.source = page.is_improved() ? RecalledFrom::corrected : RecalledFrom::tokens;
  item.text = page.text();
  item.spans = page.spans();
  item.confidence = confidence_of(item.spans);
}

/// False where not every row's exact text is kept.
bool Reading::read_kept(const StoredPage& page, Recalled& item) {
  auto kept = memory_.kept_text(scope_, page);
  if (!kept) return false;
  item.source = RecalledFrom::corrected;
  item.text = std::move(kept->text);
  item.spans = {whole(item.text, Origin::corrected)};
  return true;
}

/// Nothing is known of where a document's letters stand.
void Reading::read_document(const ReadPage& read, Recalled& item) {
  item.source = RecalledFrom::tokens;
  item.text = read.text;
  item.confidence = read.confidence;
  item.complete = read.complete;
  item.spans = {whole(item.text, Origin::decoded)};
  item.spans.front().confidence = read.confidence;
}

void Reading::read_archive(const StoredPage& page, Recalled& item) {
  auto text = memory_.store.archived_text(scope_, page.id);
  if (!text) {
    throw Error(ErrorCode::not_found, "page " + std::to_string(page.id) +
                                          ": its exact text was not kept; recall it from its "
                                          "vision tokens (source tokens)");
  }
  item.source = RecalledFrom::archive;
  item.text = std::move(*text);
  item.spans = {whole(item.text, Origin::archive)};
}

/// The text that fills no page yet.
Recalled verbatim_of(const MemoryCore& memory, ScopeId scope) {
  Verbatim verbatim = memory.served_verbatim(scope);
  Recalled item;
  item.source = RecalledFrom::verbatim;
  for (std::size_t i = 0; i < verbatim.parts.size(); ++i) {
    Verbatim::Part& part = verbatim.parts[i];
    item.time = std::max(item.time, part.time);
    const bool goes_on = i > 0 && verbatim.parts[i - 1].message == part.message;
    const std::size_t end =
        i + 1 < verbatim.parts.size() ? verbatim.parts[i + 1].begin : verbatim.text.size();
    if (!goes_on)
      item.messages.push_back({part.begin, 0, std::move(part.role), part.time, part.message_begin == 0});
    item.messages.back().length = end - item.messages.back().begin;
    item.messages.back().ends = part.ends_message;
  }
  item.text = std::move(verbatim.text);
  item.spans = {whole(item.text, Origin::verbatim)};
  return item;
}

}  // namespace

std::vector<Recalled> Memory::recall(const std::vector<std::int64_t>& ids, Source source) {
  const EventRecorder record(*impl_, "recall");
  std::vector<Recalled> items = read(ids, source);
  std::vector<PageId> recalled;
  for (const Recalled& item : items) {
    if (item.id != 0) recalled.push_back(item.id);
  }
  impl_->store.set_recalled(impl_->known_scope(), recalled, time_now());
  record.done(items.size(), 0);
  return items;
}

std::vector<Recalled> Memory::read(const std::vector<std::int64_t>& ids, Source source) const {
  const ScopeId scope = impl_->known_scope();
  std::vector<StoredPage> pages;
  const std::set<std::int64_t> different(ids.begin(), ids.end());
  for (const std::int64_t id : different) {
    if (id != 0) pages.push_back(impl_->served_page(scope, id));
  }
  std::ranges::sort(pages, {}, &StoredPage::order);
  std::vector<Recalled> items;
  Reading(*impl_, scope, source).read(pages, [&](Recalled item) {
    items.push_back(std::move(item));
    return true;
  });
  if (different.contains(0)) items.push_back(verbatim_of(*impl_, scope));
  return items;
}

std::vector<Recalled> Memory::recall_all(Source source,
                                         const std::function<bool(const Recalled&)>& each) const {
  std::vector<Recalled> items;
  const auto scope = impl_->store.find_scope(impl_->scope_name);
  if (!scope) return items;
  const auto hand_over = [&](Recalled item) {
    if (each) return each(item);
    items.push_back(std::move(item));
    return true;
  };
  Reading reading(*impl_, *scope, source);
  std::int64_t after = 0;
  while (true) {
    auto pages = impl_->store.pages(*scope, after, 64);
    if (pages.empty()) break;
    after = pages.back().order;
    std::erase_if(pages, [](const StoredPage& page) { return is_over(page.expires); });
    if (!reading.read(pages, hand_over)) return items;
  }
  Recalled rest = verbatim_of(*impl_, *scope);
  if (!rest.text.empty()) hand_over(std::move(rest));
  return items;
}

}  // namespace fovea
