#include <algorithm>
#include <limits>

#include "facade/event_recorder.h"
#include "facade/page_trials.h"
#include "facade/reencoding.h"
#include "fovea/error.h"
#include "measure/fidelity.h"

namespace fovea {
namespace {

constexpr std::size_t kTriedAtOnce = 8;  // pages

/// Every unpinned page to `level`, whatever its age.
ForgettingPlan plan_to(Level level, std::span<const PageState> pages, Time now) {
  constexpr auto kAnyAge = std::numeric_limits<std::int64_t>::min();
  Policy policy;
  policy.bands = {{.older_than = kAnyAge, .level = level, .floor = {}}};
  ForgettingPlan result = plan(policy, pages, now);
  for (Step& step : result.steps) step.reason = "asked for";
  return result;
}

void note(PageState& state, Level level, const Fidelity& fidelity) {
  state.fidelity[level] = fidelity.accuracy;
  state.fidelity_error.erase(level);
  if (fidelity.error > 0) state.fidelity_error[level] = fidelity.error;
}

/// One round of forgetting: plan, measure what the plan asks for, until it asks no more; then each
/// step in a transaction of its own. Measurements are stored as they are made, so after an
/// interruption the next round goes on where this one stopped.
class Ageing {
 public:
  Ageing(MemoryCore& memory, ScopeId scope, const AgeOptions& options, bool dry_run)
      : memory_(memory),
        scope_(scope),
        options_(options),
        dry_run_(dry_run),
        policy_(memory.policy_for(scope, options.policy)),
        now_(options.now.value_or(time_now())),
        trials_(memory, scope) {}

  AgeResult run();

 private:
  void read_states();
  ForgettingPlan planned();
  void measure(const ForgettingPlan& plan);
  void measure(std::span<const Measurement> wanted, std::size_t left);
  bool is_measured_by_caller(bool has_archive) const;
  PageState& state_of(PageId id) { return states_[index_.at(id)]; }
  void enter(PageState& state, Level level, const Fidelity& fidelity);
  void act(const ForgettingPlan& plan);
  bool is_readable(const Step& step);
  void erase(const std::vector<Step>& gone);
  bool step_down(Step& step);
  bool drop_archive(PageId id);
  void keep_text(const StoredPage& page, const KnownText& known, Reencoding& encoded);
  void note_losses(const Step& step, bool is_exact, Reencoding& encoded);
  static std::optional<Fidelity> read(Reencoding& encoded);
  void keep(PageId page, Level level, const Fidelity& fidelity);
  bool goes_on(std::size_t left);

  MemoryCore& memory_;
  ScopeId scope_;
  const AgeOptions& options_;
  bool dry_run_;  ///< nothing is to change
  Policy policy_;
  Time now_;
  std::vector<PageState> states_;
  std::map<PageId, std::size_t> index_;  ///< of a page's state
  PageTrials trials_;
  std::map<PageId, std::map<Level, Fidelity>> known_;
  std::size_t done_ = 0;
  AgeResult result_;
};

AgeResult Ageing::run() {
  read_states();
  ForgettingPlan plan = planned();
  while (!plan.measurements.empty() && !result_.stopped) {
    measure(plan);
    plan = planned();
  }
  if (!result_.stopped) {
    result_.refused = std::move(plan.refused);
    act(plan);
  }
  for (const PageState& state : states_)
    result_.vision_tokens += static_cast<std::size_t>(token_count(state.level));
  for (const Step& step : result_.steps)
    result_.vision_tokens -= static_cast<std::size_t>(step.tokens_saved);
  return std::move(result_);
}

void Ageing::read_states() {
  known_ = memory_.store.fidelities(scope_, memory_.codec().fingerprint());
  for_each_page(memory_.store, scope_, [&](const StoredPage& page) {
    if (page.expires != 0 && page.expires <= now_) return true;  // of a dry run: would be gone
    states_.push_back({.id = page.id,
                       .order = page.order,
                       .level = page.level,
                       .time = page.time,
                       .last_recalled = page.last_recalled,
                       .pinned = page.pinned,
                       .characters = page.characters,
                       .measurable = page.has_archive || page.has_corrections,
                       .legible_to = page.document ? page.document->legible_at : Level::trace,
                       .has_archive = page.has_archive});
    index_[page.id] = states_.size() - 1;
    for (const auto& [level, fidelity] : known_[page.id]) note(states_.back(), level, fidelity);
    return true;
  });
}

ForgettingPlan Ageing::planned() {
  if (options_.to) return plan_to(*options_.to, states_, now_);
  return plan(policy_, states_, now_, memory_.codec().levels());
}

/// What is measured tells the next plan which level to try first. So plans are made often at the
/// beginning, and later after a quarter more: else their cost would grow with the square of the pages.
void Ageing::measure(const ForgettingPlan& plan) {
  const std::span<const Measurement> all = plan.measurements;
  const std::size_t count = std::min(all.size(), std::max(kTriedAtOnce, result_.measured / 4));
  for (std::size_t begin = 0; begin < count && !result_.stopped; begin += kTriedAtOnce) {
    const auto some = all.subspan(begin, std::min(kTriedAtOnce, count - begin));
    measure(some, all.size() - begin - some.size() + plan.steps.size());
  }
}

/// `left`: what is to be done after these.
void Ageing::measure(std::span<const Measurement> wanted, std::size_t left) {
  std::vector<Measurement> to_try;
  for (const Measurement& one : wanted)
    if (!is_measured_by_caller(state_of(one.id).has_archive)) to_try.push_back(one);
  const auto tried = trials_.measure(to_try);
  auto next = tried.begin();
  left += wanted.size();
  for (const Measurement& one : wanted) {
    PageState& state = state_of(one.id);
    const std::optional<Fidelity> fidelity =
        is_measured_by_caller(state.has_archive) ? options_.measure(one.id, one.level) : *next++;
    if (fidelity)
      enter(state, one.level, *fidelity);
    else
      state.measurable = false;
    if (!goes_on(--left)) return;
  }
}

/// A dry run has to read pages itself, to tell which words would be lost; and of pages without exact
/// text only the store knows what they would be drawn from.
bool Ageing::is_measured_by_caller(bool has_archive) const {
  return options_.measure && has_archive && !dry_run_;
}

void Ageing::enter(PageState& state, Level level, const Fidelity& fidelity) {
  keep(state.id, level, fidelity);
  note(state, level, fidelity);
  ++result_.measured;
}

void Ageing::act(const ForgettingPlan& plan) {
  std::size_t left = plan.steps.size() + plan.archives.size();
  std::vector<Step> gone;
  for (Step step : plan.steps) {
    --left;
    if (!step.to) {
      gone.push_back(std::move(step));
    } else if (is_readable(step) && step_down(step)) {
      result_.steps.push_back(std::move(step));
    }
    if (!goes_on(left)) return;
  }
  for (const PageId id : plan.archives) {
    --left;
    if (drop_archive(id)) result_.archives.push_back(id);
    if (!goes_on(left)) return;
  }
  if (!gone.empty()) erase(gone);
}

bool Ageing::is_readable(const Step& step) {
  try {
    memory_.require_readable(*step.to);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    result_.refused.push_back({step.id, error.what()});
    return false;
  }
}

/// All at once: each erasing rewrites the file.
void Ageing::erase(const std::vector<Step>& gone) {
  std::vector<PageId> ids;
  for (const Step& step : gone) {
    if (memory_.store.find_page(scope_, step.id)) ids.push_back(step.id);
  }
  if (!dry_run_)
    memory_.store.erase_pages(scope_, ids, now_, HistoryEvent::gone, "older than the policy keeps");
  result_.steps.insert(result_.steps.end(), gone.begin(), gone.end());
}

/// Draws the page again from its exact text, or where that is not known from what its tokens read
/// back, and encodes it at the lower level. False when another process moved or erased the page
/// first.
bool Ageing::step_down(Step& step) {
  const auto stored = memory_.store.find_page(scope_, step.id);
  if (!stored) return false;
  const StoredPage& page = *stored;
  const KnownText known = memory_.known_text(scope_, page);
  const Page drawn = memory_.draw(known.text, page);
  auto trial = known.exact ? trials_.take(page.id, *step.to) : std::nullopt;
  Reencoding encoded =
      trial ? Reencoding(memory_, drawn, std::move(*trial)) : Reencoding(memory_, drawn, *step.to);
  keep_text(page, known, encoded);
  if (dry_run_) note_losses(step, known.exact, encoded);
  if (known.exact) {
    step.fidelity = known_[step.id].at(*step.to).accuracy;
    step.fidelity_error = known_[step.id].at(*step.to).error;
  }
  if (dry_run_) return true;
  TokenChange change = std::move(encoded).change_of(page);
  if (known.exact) change.fidelity = known_[step.id].at(*step.to);
  change.from = step.from;
  change.drop_anchors = *step.to > policy_.anchors.down_to;
  change.reason = step.reason;
  change.now = now_;
  return memory_.store.replace_tokens(scope_, change);
}

/// Exact text that was kept as the codec cannot read it stays; of the rest, while it is known, what
/// the policy keeps. The new tokens are read where that is to be measured or is needed for it.
void Ageing::keep_text(const StoredPage& page, const KnownText& known, Reencoding& encoded) {
  const Level level = encoded.tokens().level;
  const std::vector<bool> whole = rows_kept(encoded.drawn(), known);
  encoded.keep(whole, known.check);
  const bool corrects = known.exact && !dry_run_ && !page.document &&
                        keeps_corrections(policy_, level, page.has_archive);
  if (!known.exact || (known_[page.id].contains(level) && !corrects)) return;
  if (is_measured_by_caller(page.has_archive) && !corrects) {
    known_[page.id][level] = options_.measure(page.id, level);
    return;
  }
  known_[page.id][level] = *read(encoded);
  if (!corrects) return;
  if (level <= policy_.anchors.down_to) encoded.use_anchors(memory_.store.anchors(scope_, page.id));
  encoded.correct(whole, policy_.corrections.bytes);
}

/// Takes a page's exact text away, leaving what the policy keeps of pages without it, and what the
/// codec cannot read as well as the page's band asks. False when it has none any more.
bool Ageing::drop_archive(PageId id) {
  const auto page = memory_.store.find_page(scope_, id);
  if (!page || !page->has_archive) return false;
  if (dry_run_) return true;
  const bool anchored = policy_.anchors_without_archive;
  const Page drawn = memory_.draw(memory_.text_of_page(scope_, *page), *page);
  Reencoding encoded(memory_, drawn, memory_.store.tokens(scope_, id));
  const double floor = floor_at(policy_, now_ - std::max(page->time, page->last_recalled));
  const auto measured = known_[id].find(page->level);
  const bool is_well_read =
      floor == 0 ||
      (measured != known_[id].end() && measured->second.accuracy - measured->second.error >= floor);
  const bool corrects = !page->document && keeps_corrections(policy_, page->level, false);

  std::vector<bool> whole = unreadable_rows(drawn);
  if (!is_well_read || corrects) {
    if (anchored) encoded.use_anchors(memory_.store.anchors(scope_, id));
    const RecoveredPage& recovered = encoded.recovered();
    if (encoded.fidelity()->accuracy < floor) add_rows(whole, misread_rows(drawn, recovered));
  }
  if (corrects)
    encoded.correct(whole, policy_.corrections.bytes);
  else
    encoded.keep(whole, check_of(drawn.text));
  memory_.store.drop_archive(scope_, id, now_, "kept for as long as the policy says",
                             encoded.corrections(), anchored, encoded.keeps_text(),
                             options_.keep_words);
  return true;
}

/// Which words a step would lose shows only a reading of the whole page, which then says how well it
/// is read, too.
void Ageing::note_losses(const Step& step, bool is_exact, Reencoding& encoded) {
  const Fidelity fidelity = *read(encoded);
  if (is_exact) keep(step.id, *step.to, fidelity);
  result_.lost_words[step.id] = lost_words(encoded.drawn().text, encoded.reading().text);
}

/// The whole page.
std::optional<Fidelity> Ageing::read(Reencoding& encoded) {
  encoded.reading();
  return encoded.fidelity();
}

/// A dry run keeps what it measured where the store may be written.
void Ageing::keep(PageId page, Level level, const Fidelity& fidelity) {
  known_[page][level] = fidelity;
  try {
    memory_.store.set_fidelity(scope_, page, memory_.codec().fingerprint(), level, fidelity);
  } catch (const Error& error) {
    if (!dry_run_ || error.code() != ErrorCode::io) throw;
  }
}

bool Ageing::goes_on(std::size_t left) {
  ++done_;
  if (!options_.progress || options_.progress(done_, done_ + left)) return true;
  result_.stopped = left > 0;
  return left == 0;
}

}  // namespace

AgeResult Memory::age(const AgeOptions& options) { return impl_->age(options, false); }
AgeResult Memory::plan(const AgeOptions& options) { return impl_->age(options, true); }

AgeResult MemoryCore::age(const AgeOptions& options, bool dry_run) {
  const auto scope = store.find_scope(scope_name);
  if (!scope) return {};
  const EventRecorder record(*this, "age");
  const Time now = options.now.value_or(time_now());
  EraseReceipt expired = dry_run ? store.expired(*scope, now) : store.erase_expired(*scope, now);
  AgeResult result = Ageing(*this, *scope, options, dry_run).run();
  if (!expired.pages.empty() || expired.messages > 0) result.expired = std::move(expired);
  std::int64_t saved = 0;
  for (const Step& step : result.steps) saved += step.tokens_saved;
  record.done(result.steps.size(), saved, EventRecorder::Changes::scope);
  return result;
}

}  // namespace fovea
