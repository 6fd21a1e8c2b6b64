#include <algorithm>
#include <thread>
#include <utility>

#include "context/tool_pairs.h"
#include "facade/event_recorder.h"
#include "facade/measuring_plan.h"
#include "facade/message_intake.h"
#include "facade/outside_alphabet.h"
#include "facade/page_maker.h"
#include "facade/reencoding.h"
#include "fovea/error.h"
#include "measure/accuracy.h"

namespace fovea {
namespace {

constexpr std::size_t kBytesForPage = 8 * 1024;     // of the verbatim text looked at first
constexpr Level kCoarsestUnmeasured = Level::tiny;  // what loses more is measured first

/// Pages encoded at once. Each is a thread's own; some for each thread, so that few wait at the end.
std::size_t pages_at_once() {
  constexpr std::size_t kForThread = 4, kMost = 64;  // which take 1.6 MB each
  const std::size_t threads = std::max(1u, std::thread::hardware_concurrency());
  return threads * std::max<std::size_t>(1, std::min(kForThread, kMost / threads));
}

/// The level of a page of that age: the policy's, by fidelity the one that most pages of that floor
/// take, or the next sharper one that can be read. Where no band begins so early, base; where the
/// band says "gone", the coarsest level before it.
Level level_at(const Policy& policy, Time age, const std::vector<Level>& readable) {
  Level wanted = Level::base;
  for (const AgeBand& band : policy.bands) {
    if (age < band.older_than) break;
    if (band.level) wanted = *band.level;
    if (band.floor) wanted = std::min(expected_level(*band.floor), kCoarsestUnmeasured);
  }
  Level best = *std::min_element(readable.begin(), readable.end());
  for (const Level level : readable) {
    if (level <= wanted) best = std::max(best, level);
  }
  return best;
}

/// The coarsest level that pages come to under the policy.
Level coarsest(const Policy& policy, const std::vector<Level>& readable) {
  Level level = level_at(policy, 0, readable);
  for (const AgeBand& band : policy.bands)
    level = std::max(level, level_at(policy, band.older_than, readable));
  return level;
}

/// Throws Error(invalid_argument) for what no message can have.
const MemoryOptions& checked(const MemoryOptions& options) {
  const auto refuse = [](const std::string& what, std::int64_t got) {
    throw Error(ErrorCode::invalid_argument, what + ", got " + std::to_string(got));
  };
  if (options.expires < 0)
    refuse("expires: expected a time after 1970 or 0 for never", options.expires);
  if (options.measured_pages < -1)
    refuse("measured_pages: expected a number of pages or -1 for all", options.measured_pages);
  return options;
}

/// The one given, if JSON can say it, or the scope's.
Policy policy_of(const MemoryCore& memory, const MemoryOptions& options) {
  if (options.policy) return Policy::from_json(options.policy->to_json());
  return memory.policy_for(memory.store.find_scope(memory.scope_name).value_or(0));
}

Time time_of_page(const Verbatim& verbatim, std::size_t begin, std::size_t end) {
  Time time = 0;
  for (std::size_t i = 0; i < verbatim.parts.size(); ++i) {
    const bool last = i + 1 == verbatim.parts.size();
    const std::size_t part_end = last ? verbatim.text.size() : verbatim.parts[i + 1].begin;
    if (verbatim.parts[i].begin < end && part_end > begin) {
      time = std::max(time, verbatim.parts[i].time);
    }
  }
  return time;
}

/// Where the text that expires with the byte at `begin` ends.
std::size_t end_of_expiry(const Verbatim& verbatim, std::size_t begin) {
  Time expires = 0;
  for (const Verbatim::Part& part : verbatim.parts) {
    if (part.begin <= begin)
      expires = part.expires;
    else if (part.expires != expires)
      return part.begin;
  }
  return verbatim.text.size();
}

/// One call of `add` or `finish`.
class Compaction {
 public:
  /// `expected_characters`: of the history, 0: not known. Throws Error(invalid_argument) for options
  /// that cannot be.
  Compaction(MemoryCore& memory, const MemoryOptions& options, std::size_t expected_characters)
      : memory_(memory),
        options_(checked(options)),
        policy_(policy_of(memory, options)),
        asked_(asked_fidelity(policy_)),
        maker_(maker_of(memory, options, policy_)),
        scope_(memory.scope()),
        intake_(memory, scope_, options),
        now_(options.now.value_or(time_now())),
        pages_at_once_(pages_at_once()),
        expected_pages_(maker_.expected_pages(expected_characters)) {
    if (options.policy) memory.store.set_policy(scope_, policy_.to_json());
    if (!memory.embedder.name.empty()) memory.store.require_embedder(scope_, memory.embedder.name);
  }

  bool stopped() const { return result_.stopped; }
  void add(Message message);
  /// No more messages come.
  void end_messages() { intake_.end(); }
  /// Stores what was added, without making pages of it.
  void store_messages() { intake_.store(); }
  /// Makes pages of the verbatim text as long as it fills them; with `to_the_end`, of all of it.
  void write_pages(bool to_the_end);
  CompactResult result();

 private:
  struct Draft {
    Page page;  ///< drawn at 1280
    Level level;
    Time time;
  };

  static PageMaker maker_of(const MemoryCore& memory, const MemoryOptions& options,
                            const Policy& policy);
  std::vector<Draft> next_drafts(bool to_the_end);
  std::vector<Draft> drafts_of(const Verbatim& verbatim, bool more_follows);
  bool write(std::vector<Draft> drafts);
  std::vector<Reencoding> encoded(const std::vector<Page>& pages, Level level);
  std::vector<PageTrial> seen(std::vector<VisionTokens> tokens) const;
  bool is_in_doubt(const Page& page, const PageTrial& trial) const;
  void keep_text(Reencoding& page);
  void choose_kept(Reencoding& page);
  void count(const NewPage& page);

  MemoryCore& memory_;
  const MemoryOptions& options_;
  Policy policy_;
  double asked_;  ///< how well a page is to be read back
  PageMaker maker_;
  ScopeId scope_;
  MessageIntake intake_;
  Time now_;
  std::size_t pages_at_once_;
  std::size_t expected_pages_;
  std::map<Level, MeasuringPlan> measuring_;
  std::map<Level, std::pair<double, int>> measured_;  // sum of accuracies, pages
  CompactResult result_;
};

/// Throws Error(invalid_argument) for options that the checkpoint does not read.
PageMaker Compaction::maker_of(const MemoryCore& memory, const MemoryOptions& options,
                               const Policy& policy) {
  const Layout layout = options.layout.value_or(memory.codec().layout());
  memory.require_readable(layout);
  if (options.level) memory.require_readable(*options.level);
  if (layout == Layout::cells) memory.require_readable(options.density);
  const Level level = options.level ? *options.level : coarsest(policy, memory.codec().levels());
  return {memory, layout, options.density, level};
}

void Compaction::add(Message message) {
  intake_.add(std::move(message));
  if (intake_.is_full()) write_pages(false);
}

void Compaction::write_pages(bool to_the_end) {
  intake_.store();
  while (!stopped()) {
    auto drafts = next_drafts(to_the_end);
    if (drafts.empty()) return;
    write(std::move(drafts));
  }
}

std::vector<Compaction::Draft> Compaction::next_drafts(bool to_the_end) {
  for (std::size_t window = pages_at_once_ * kBytesForPage;; window *= 4) {
    const Verbatim verbatim = memory_.store.verbatim(scope_, window);
    auto drafts = drafts_of(verbatim, verbatim.more_follows || !to_the_end);
    if (!drafts.empty() || !verbatim.more_follows) return drafts;
  }
}

/// The first pages of one level.
std::vector<Compaction::Draft> Compaction::drafts_of(const Verbatim& verbatim, bool more_follows) {
  std::vector<Draft> drafts;
  std::string_view rest = verbatim.text;
  std::string opening = verbatim.opening;
  while (!rest.empty() && drafts.size() < pages_at_once_) {
    const std::size_t begin = verbatim.text.size() - rest.size();
    const std::string_view alike = rest.substr(0, end_of_expiry(verbatim, begin) - begin);
    const bool goes_on = more_follows && alike.size() == rest.size();
    Page page = maker_.next(alike, opening, goes_on);
    if (page.text.empty() || (goes_on && !page.full)) break;
    Time time = time_of_page(verbatim, begin, begin + page.text.size());
    if (time == 0) time = now_;
    const Level level = options_.level ? *options_.level
                                       : level_at(policy_, now_ - time,
                                                  memory_.codec().levels());
    if (!drafts.empty() && level != drafts.front().level) break;
    rest.remove_prefix(page.text.size());
    opening = page.leaves_open;
    maker_.draw(page);
    drafts.push_back({std::move(page), level, time});
  }
  return drafts;
}

/// False when another process took the verbatim text first.
bool Compaction::write(std::vector<Draft> drafts) {
  const Level level = drafts.front().level;
  std::vector<Page> pages;
  for (Draft& draft : drafts) pages.push_back(std::move(draft.page));
  std::vector<Reencoding> all = encoded(pages, level);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    NewPage page;
    page.characters = count_characters(pages[i].text);
    page.text_tokens = count_text_tokens(pages[i].text);
    page.text = pages[i].text;
    page.time = drafts[i].time;
    page.document = pages[i].document;
    page.leaves_open = pages[i].leaves_open;
    page.tools = {awaits_result(page.text), begins_with_result(page.text)};
    page.keep_archive = options_.archive == Archive::keep;
    page.hash_words = options_.keep_words;
    choose_kept(all[i]);
    std::move(all[i]).put_into(page);
    if (!memory_.store.add_page(scope_, page)) return false;
    count(page);
    const std::size_t total = expected_pages_ == 0 ? 0 : std::max(expected_pages_, result_.pages);
    if (options_.progress && !options_.progress(result_.pages, total)) {
      result_.stopped = true;
      return true;
    }
  }
  return true;
}

/// Reads back the pages whose turn it is to be measured, all that corrections are kept of, and those
/// whose exact text is kept nowhere else unless they are known to be read well.
std::vector<Reencoding> Compaction::encoded(const std::vector<Page>& pages, Level level) {
  std::vector<PageTrial> trials = seen(memory_.encode(pages, level));
  const bool corrects = keeps_corrections(policy_, level, options_.archive == Archive::keep);
  auto& plan = measuring_.try_emplace(level, options_.measured_pages, expected_pages_).first->second;
  std::vector<std::size_t> wanted;
  std::vector<VisionTokens> to_read;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (!plan.next() && !corrects && !is_in_doubt(pages[i], trials[i])) continue;
    wanted.push_back(i);
    to_read.push_back(trials[i].tokens);
  }
  std::vector<ReadPage> read = memory_.codec().decode(to_read, kGreedy);
  for (std::size_t i = 0; i < wanted.size(); ++i) trials[wanted[i]].reading = std::move(read[i]);
  std::vector<Reencoding> all;
  for (std::size_t i = 0; i < pages.size(); ++i)
    all.emplace_back(memory_, pages[i], std::move(trials[i]));
  return all;
}

/// With a look at each page of cells.
std::vector<PageTrial> Compaction::seen(std::vector<VisionTokens> tokens) const {
  std::vector<std::string> glances;
  if (memory_.codec().layout() == Layout::cells) glances = memory_.codec().glance(tokens);
  std::vector<PageTrial> trials;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    trials.push_back({.tokens = std::move(tokens[i])});
    if (!glances.empty()) trials.back().glance = std::move(glances[i]);
  }
  return trials;
}

/// The page's text is to be read from its tokens alone, and neither a look at it shows that it can
/// be, nor its characters that no row can.
bool Compaction::is_in_doubt(const Page& page, const PageTrial& trial) const {
  if (options_.archive == Archive::keep) return false;
  if (page.document) return true;
  const std::vector<bool> unreadable = unreadable_rows(page);
  const auto filled = std::ranges::count_if(row_lengths(page), [](int cells) { return cells > 0; });
  if (std::ranges::count(unreadable, true) == filled) return false;
  return any(unreadable) || accuracy(page.text, *trial.glance) < asked_;
}

/// Keeps the exact text of what cannot be read back from the tokens as well as the policy asks.
void Compaction::keep_text(Reencoding& page) {
  std::vector<bool> whole = unreadable_rows(page.drawn());
  const bool was_read = page.fidelity().has_value();
  const bool misread = was_read && page.fidelity()->accuracy < asked_;
  if (!any(whole) && !misread) return;
  if (!was_read) return page.keep(whole, check_of(page.drawn().text));
  add_rows(whole, misread_rows(page.drawn(), page.recovered()));
  page.correct(whole, kNoLimit);
}

/// What the policy keeps beside the page's tokens.
void Compaction::choose_kept(Reencoding& page) {
  const Page& drawn = page.drawn();
  const Level level = page.tokens().level;
  const bool archived = options_.archive == Archive::keep;
  // Where a document's letters stand is not known.
  if (!drawn.document) page.use_anchors(anchors_to_keep(policy_, drawn, level, archived));
  if (!archived) keep_text(page);
  const bool corrects = page.fidelity() && !drawn.document && page.corrections().empty();
  if (corrects && keeps_corrections(policy_, level, archived))
    page.correct({}, policy_.corrections.bytes);
}

void Compaction::count(const NewPage& page) {
  ++result_.pages;
  result_.characters += page.characters;
  result_.text_tokens += page.text_tokens;
  const auto cost = static_cast<std::size_t>(page.tokens.count);
  result_.vision_tokens += cost;
  result_.text_bytes += page.text.size();
  result_.token_bytes += byte_count(page.tokens);
  LevelSummary& level = result_.levels[page.tokens.level];
  ++level.pages;
  level.vision_tokens += cost;
  if (page.keeps_text) ++result_.kept_exact;
  if (!page.document) {
    for (const auto& [script, count] : outside_alphabet(page.text, *memory_.alphabet()))
      result_.outside_alphabet[script] += count;
  }
  if (!page.fidelity) return;
  const bool keeps = options_.archive == Archive::keep;
  const double floor = keeps ? std::min(asked_, expected_fidelity(page.tokens.level)) : asked_;
  if (page.fidelity->accuracy < floor) ++result_.below_floor;
  auto& [sum, pages] = measured_[page.tokens.level];
  sum += page.fidelity->accuracy;
  level.fidelity = sum / ++pages;
}

CompactResult Compaction::result() {
  if (options_.archive == Archive::drop) intake_.embed();
  intake_.count_into(result_);
  result_.verbatim_characters = memory_.store.verbatim_characters(scope_);
  return std::move(result_);
}

class OneMessage : public MessageSource {
 public:
  explicit OneMessage(Message message) : message_(std::move(message)) {}
  std::optional<Message> next() override { return std::exchange(message_, std::nullopt); }

 private:
  std::optional<Message> message_;
};

CompactResult recorded(const EventRecorder& record, CompactResult result) {
  const auto saved = static_cast<std::int64_t>(result.text_tokens) -
                     static_cast<std::int64_t>(result.vision_tokens);
  record.done(result.pages, saved, EventRecorder::Changes::scope);
  return result;
}

}  // namespace

namespace {

/// The source's next message. Where it throws, what came before is stored first: the caller could not
/// know otherwise what to give again.
std::optional<Message> next_of(MessageSource& source, Compaction& compaction) {
  try {
    return source.next();
  } catch (...) {
    compaction.end_messages();
    compaction.store_messages();
    throw;
  }
}

}  // namespace

CompactResult Memory::add(MessageSource& source, const MemoryOptions& options) {
  const EventRecorder record(*impl_, "compact");
  const std::size_t expected = options.expected_characters;
  Compaction compaction(*impl_, options, expected > 0 ? expected : source.expected_characters());
  compaction.write_pages(false);  // what an interrupted call left
  while (!compaction.stopped()) {
    auto message = next_of(source, compaction);
    if (!message) break;
    compaction.add(std::move(*message));
  }
  compaction.end_messages();
  compaction.write_pages(false);  // after a stop, only stores the messages
  CompactResult result = recorded(record, compaction.result());
  result.left_out = source.left_out();
  return result;
}

CompactResult Memory::add(Message message, const MemoryOptions& options) {
  OneMessage source(std::move(message));
  return add(source, options);
}

CompactResult Memory::add(std::string_view text, std::string_view role,
                          const MemoryOptions& options) {
  return add(make_message(role, text), options);
}

CompactResult Memory::finish(const MemoryOptions& options) {
  const EventRecorder record(*impl_, "finish");
  Compaction compaction(*impl_, options, options.expected_characters);
  compaction.write_pages(true);
  return recorded(record, compaction.result());
}

}  // namespace fovea
