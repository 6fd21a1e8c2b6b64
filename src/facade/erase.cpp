#include <algorithm>
#include <map>
#include <set>

#include "context/tool_pairs.h"
#include "core/signs.h"
#include "facade/event_recorder.h"
#include "facade/reencoding.h"
#include "fovea/error.h"
#include "measure/accuracy.h"
#include "memory/page_rewrite.h"
#include "memory/words.h"

namespace fovea {
namespace {

/// Where a text's character number `count` begins, in bytes.
std::size_t byte_of_character(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    at += code_point_at(text, at).length;
    --count;
  }
  return at;
}

/// The text of part `index`.
std::string_view text_of(const Verbatim& verbatim, std::size_t index) {
  const std::size_t begin = verbatim.parts[index].begin;
  const std::size_t end = index + 1 < verbatim.parts.size() ? verbatim.parts[index + 1].begin
                                                            : verbatim.text.size();
  return std::string_view(verbatim.text).substr(begin, end - begin);
}

/// Which words of a query each message has.
class WordsOfMessages {
 public:
  explicit WordsOfMessages(std::string_view query) {
    for (Term& term : terms_asked(query)) asked_.insert(std::move(term.text));
  }

  void read(std::int64_t message, std::string_view text) {
    auto& found = found_[message];
    for (Term& term : terms_of(text)) {
      if (asked_.contains(term.text)) found.insert(std::move(term.text));
    }
  }
  bool any() const { return !asked_.empty(); }
  bool has_all(std::int64_t message) const {
    const auto found = found_.find(message);
    return found != found_.end() && found->second.size() == asked_.size();
  }

 private:
  std::set<std::string> asked_;
  std::map<std::int64_t, std::set<std::string>> found_;
};

/// One erasing: what is asked for as stretches of messages, then what that does to each page.
class Erasing {
 public:
  Erasing(MemoryCore& memory, ScopeId scope, const EraseOptions& options)
      : memory_(memory), scope_(scope), options_(options) {}

  EraseReceipt run();

 private:
  void check() const;
  bool chooses_messages() const {
    return !options_.where.empty() || !options_.sources.empty() || !options_.query.empty();
  }
  void choose_pages();
  void choose_span(const EraseOptions::Span& span);
  void choose_messages();
  std::vector<std::int64_t> meeting_conditions() const;
  WordsOfMessages words_of_messages();
  void choose(const MessageSpan& span) { chosen_[span.message].push_back(span); }
  void choose_verbatim(std::size_t begin, std::size_t end);
  std::vector<MessageSpan> left_of(const MessageSpan& there) const;
  void plan_page(const StoredPage& page);
  NewPage redrawn(const StoredPage& page, const std::string& text);
  void choose_kept(const StoredPage& page, Reencoding& encoded) const;
  void plan_verbatim();

  MemoryCore& memory_;
  ScopeId scope_;
  const EraseOptions& options_;
  std::map<std::int64_t, std::vector<MessageSpan>> chosen_;  ///< by message
  std::set<PageId> touched_;  ///< pages that have some of it
  Erasure erasure_;
  EraseReceipt receipt_;
  std::set<std::int64_t> losing_;  ///< messages
};

EraseReceipt Erasing::run() {
  check();
  choose_pages();
  if (options_.span) choose_span(*options_.span);
  if (chooses_messages()) choose_messages();
  for (const PageId id : touched_) plan_page(memory_.store.page(scope_, id));
  plan_verbatim();
  receipt_.messages = losing_.size();
  std::ranges::sort(erasure_.pages);
  receipt_.pages = erasure_.pages;
  for (const PageRewrite& rewrite : erasure_.rewritten) receipt_.rewritten.push_back(rewrite.id);
  const bool nothing = losing_.empty() && erasure_.pages.empty();
  if (options_.dry_run || nothing) return receipt_;
  EraseReceipt done = memory_.store.erase(scope_, erasure_, time_now());
  receipt_.rows = std::move(done.rows);
  receipt_.receipt = std::move(done.receipt);
  receipt_.sha256 = std::move(done.sha256);
  receipt_.bytes_gone = done.bytes_gone;
  return receipt_;
}

void Erasing::check() const {
  const bool places = !options_.pages.empty() || options_.span;
  if (places && chooses_messages())
    throw Error(ErrorCode::invalid_argument,
                "erase: give pages or a span, or what selects messages (conditions, sources, "
                "a query), not both");
  if (!places && !chooses_messages())
    throw Error(ErrorCode::invalid_argument,
                "erase: nothing to erase was given; give pages, a span, conditions, sources or a "
                "query, or erase the whole scope");
  if (options_.query.find_first_of("\"*") != std::string::npos)
    throw Error(ErrorCode::invalid_argument,
                "erase: the query " + options_.query +
                    " has quotes or *; it takes whole words in any order, all of which a message "
                    "must have");
  if (!options_.query.empty() && terms_asked(options_.query).empty())
    throw Error(ErrorCode::invalid_argument,
                "erase: the query \"" + options_.query + "\" has no word");
}

void Erasing::choose_pages() {
  for (const std::int64_t id : std::set<std::int64_t>(options_.pages.begin(), options_.pages.end())) {
    if (id == 0) {
      choose_verbatim(0, kNoLimit);
      continue;
    }
    const StoredPage page = memory_.store.page(scope_, id);
    erasure_.pages.push_back(id);
    receipt_.characters += page.characters;
    for (const PageSpan& span : memory_.store.spans(scope_, id)) losing_.insert(span.message);
  }
}

void Erasing::choose_span(const EraseOptions::Span& span) {
  if (span.length == 0) throw Error(ErrorCode::invalid_argument, "erase: the span is empty");
  std::string text;
  if (span.page == 0) {
    text = memory_.store.verbatim(scope_).text;
  } else {
    const auto exact = memory_.exact_text(scope_, memory_.store.page(scope_, span.page));
    if (!exact)
      throw Error(
          ErrorCode::not_found,
          "page " + std::to_string(span.page) +
              ": its exact text was not kept, so no part of it can be erased; erase the page");
    text = *exact;
  }
  const std::size_t characters = count_characters(text);
  if (span.begin >= characters || span.length > characters - span.begin)
    throw Error(ErrorCode::invalid_argument,
                "erase: characters " + std::to_string(span.begin) + " to " +
                    std::to_string(span.begin + span.length) + " of a text of " +
                    std::to_string(characters));
  const std::size_t begin = byte_of_character(text, span.begin);
  const std::size_t end = byte_of_character(text, span.begin + span.length);
  if (span.page == 0) return choose_verbatim(begin, end);
  touched_.insert(span.page);
  for (const PageSpan& part : memory_.store.spans(scope_, span.page)) {
    const std::size_t from = std::max(begin, part.page_begin);
    const std::size_t to = std::min(end, part.page_begin + part.length);
    if (from < to)
      choose({part.message, part.message_begin + from - part.page_begin, to - from});
  }
}

/// [begin, end) of the text that fills no page yet.
void Erasing::choose_verbatim(std::size_t begin, std::size_t end) {
  const Verbatim verbatim = memory_.store.verbatim(scope_);
  for (std::size_t i = 0; i < verbatim.parts.size(); ++i) {
    const Verbatim::Part& part = verbatim.parts[i];
    const std::size_t from = std::max(begin, part.begin);
    const std::size_t to = std::min(end, part.begin + text_of(verbatim, i).size());
    if (from < to)
      choose({part.message, part.message_begin + from - part.begin, to - from});
  }
}

std::vector<std::int64_t> Erasing::meeting_conditions() const {
  std::vector<Condition> where = options_.where;
  if (!options_.sources.empty())
    where.push_back({Field::source, Comparison::one_of, options_.sources});
  return memory_.store.find_messages(scope_, where);
}

void Erasing::choose_messages() {
  const auto messages = meeting_conditions();
  const WordsOfMessages words = options_.query.empty() ? WordsOfMessages("") : words_of_messages();
  for (const std::int64_t message : messages) {
    if (words.any() && !words.has_all(message)) continue;
    choose({.message = message});
    const auto pages = memory_.store.pages_of_message(scope_, message);
    touched_.insert(pages.begin(), pages.end());
  }
}

/// Which of the query's words each message has, of all that is known exactly.
WordsOfMessages Erasing::words_of_messages() {
  WordsOfMessages words(options_.query);
  for_each_page(memory_.store, scope_, [&](const StoredPage& page) {
    const auto text = memory_.exact_text(scope_, page);
    if (!text) {
      receipt_.not_searched.push_back(page.id);
      return true;
    }
    for (const PageSpan& span : memory_.store.spans(scope_, page.id))
      words.read(span.message, std::string_view(*text).substr(span.page_begin, span.length));
    return true;
  });
  const Verbatim verbatim = memory_.store.verbatim(scope_);
  for (std::size_t i = 0; i < verbatim.parts.size(); ++i)
    words.read(verbatim.parts[i].message, text_of(verbatim, i));
  return words;
}

std::vector<MessageSpan> Erasing::left_of(const MessageSpan& there) const {
  const auto chosen = chosen_.find(there.message);
  return chosen == chosen_.end() ? std::vector{there} : without({&there, 1}, chosen->second);
}

/// The page goes whole where nothing is left of it, or what is left is not known exactly.
void Erasing::plan_page(const StoredPage& page) {
  const auto text = memory_.exact_text(scope_, page);
  const auto spans = memory_.store.spans(scope_, page.id);
  PageRewrite rewrite{.id = page.id, .bytes_before = page.bytes, .gone = {}, .page = {}};
  std::string left;
  std::size_t left_bytes = 0;
  for (const PageSpan& span : spans) {
    std::size_t left_here = 0;
    for (const MessageSpan& part : left_of({span.message, span.message_begin, span.length})) {
      left_here += part.length;
      if (text) left += text->substr(span.page_begin + part.begin - span.message_begin, part.length);
    }
    left_bytes += left_here;
    if (left_here == span.length) continue;
    losing_.insert(span.message);
    const auto& chosen = chosen_.at(span.message);
    rewrite.gone.insert(rewrite.gone.end(), chosen.begin(), chosen.end());
  }
  if (left_bytes > 0 && text) {
    receipt_.characters += page.characters - count_characters(left);
    if (!options_.dry_run) rewrite.page = redrawn(page, left);
    erasure_.rewritten.push_back(std::move(rewrite));
    return;
  }
  if (left_bytes > 0) {
    receipt_.without_text.push_back(page.id);
    for (const PageSpan& span : spans) losing_.insert(span.message);
  }
  receipt_.characters += page.characters;
  erasure_.pages.push_back(page.id);
}

/// What is left of a page, encoded at its level, with what the policy keeps beside the tokens.
NewPage Erasing::redrawn(const StoredPage& page, const std::string& text) {
  const Page drawn = memory_.draw(text, page);
  NewPage made;
  made.text = text;
  made.characters = count_characters(text);
  made.text_tokens = count_text_tokens(text);
  made.document = drawn.document;
  made.leaves_open = drawn.leaves_open;
  made.tools = {awaits_result(text), begins_with_result(text)};
  made.keep_archive = page.has_archive;
  Reencoding encoded(memory_, drawn, page.level);
  choose_kept(page, encoded);
  std::move(encoded).put_into(made);
  return made;
}

void Erasing::choose_kept(const StoredPage& page, Reencoding& encoded) const {
  if (page.document && !page.keeps_text) return;
  const Page& drawn = encoded.drawn();
  if (!page.document)
    encoded.use_anchors(
        anchors_to_keep(memory_.policy_for(scope_), drawn, page.level, page.has_archive));
  if (page.has_archive && !page.has_corrections) return;
  std::vector<bool> whole;
  if (page.keeps_text) {
    whole = unreadable_rows(drawn);
    add_rows(whole, misread_rows(drawn, encoded.recovered()));
  }
  encoded.correct(whole, kNoLimit);
}

void Erasing::plan_verbatim() {
  const Verbatim verbatim = memory_.store.verbatim(scope_);
  for (std::size_t i = 0; i < verbatim.parts.size(); ++i) {
    const Verbatim::Part& part = verbatim.parts[i];
    const std::string_view text = text_of(verbatim, i);
    std::string left;
    for (const MessageSpan& there : left_of({part.message, part.message_begin, text.size()}))
      left += text.substr(there.begin - part.message_begin, there.length);
    if (left.size() == text.size()) continue;
    losing_.insert(part.message);
    receipt_.characters += count_characters(text) - count_characters(left);
  }
  for (const auto& [message, spans] : chosen_)
    erasure_.verbatim.insert(erasure_.verbatim.end(), spans.begin(), spans.end());
}

}  // namespace

EraseReceipt Memory::erase(const EraseOptions& options) {
  const EventRecorder record(*impl_, "erase");
  EraseReceipt receipt = Erasing(*impl_, impl_->known_scope(), options).run();
  record.done(receipt.pages.size(), 0,
              options.dry_run ? EventRecorder::Changes::nothing : EventRecorder::Changes::scope);
  return receipt;
}

EraseReceipt Memory::erase(const std::vector<std::int64_t>& ids) {
  if (ids.empty()) return {};
  return erase(EraseOptions{.pages = ids});
}

}  // namespace fovea
