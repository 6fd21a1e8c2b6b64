#include <algorithm>

#include "fovea/error.h"
#include "src/fidelity.h"
#include "src/event_recorder.h"
#include "src/memory_core.h"

namespace fovea {
namespace {

std::vector<Step> steps_to(Level level, const std::vector<PageState>& pages) {
  std::vector<Step> steps;
  for (const PageState& page : pages) {
    if (page.pinned || page.level >= level) continue;
    steps.push_back({.id = page.id,
                     .from = page.level,
                     .to = level,
                     .tokens_saved = token_count(page.level) - token_count(level),
                     .fidelity = {}});
  }
  return steps;
}

/// One round of forgetting: each step in a transaction of its own.
class Ageing {
 public:
  Ageing(MemoryCore& memory, ScopeId scope, const AgeOptions& options)
      : memory_(memory), scope_(scope), options_(options), now_(options.now.value_or(time_now())) {}

  AgeResult run();

 private:
  std::vector<Step> planned() const;
  /// False when the page must stay as it is; the reason is noted.
  bool may_act(const Step& step);
  void require_legible(const Step& step) const;
  void act(Step step);
  bool erase(const Step& step);
  bool step_down(Step& step);
  std::optional<Fidelity> measure(const Step& step, const Page& page, bool exact,
                                  const VisionTokens& tokens);

  MemoryCore& memory_;
  ScopeId scope_;
  const AgeOptions& options_;
  Time now_;
  AgeResult result_;
};

AgeResult Ageing::run() {
  const auto steps = planned();
  std::size_t done = 0;
  for (const Step& step : steps) {
    if (may_act(step)) act(step);
    if (options_.progress && !options_.progress(++done, steps.size())) {
      result_.stopped = done < steps.size();
      break;
    }
  }
  return std::move(result_);
}

std::vector<Step> Ageing::planned() const {
  std::vector<PageState> states;
  for_each_page(memory_.store, scope_, [&](const StoredPage& page) {
    states.push_back({.id = page.id,
                      .level = page.level,
                      .time = page.time,
                      .last_recalled = page.last_recalled,
                      .pinned = page.pinned});
    return true;
  });
  return options_.to ? steps_to(*options_.to, states) : plan(options_.policy, states, now_);
}

bool Ageing::may_act(const Step& step) {
  if (!step.to) return true;
  try {
    memory_.require_readable(*step.to);
    require_legible(step);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    result_.refused.push_back({step.id, error.what()});
    return false;
  }
}

/// A document's type is large enough for levels up to one.
void Ageing::require_legible(const Step& step) const {
  const StoredPage page = memory_.store.page(scope_, step.id);
  if (!page.document || *step.to <= page.document->legible_at) return;
  throw Error(ErrorCode::invalid_argument,
              "page " + std::to_string(step.id) + " is a document in type for " +
                  std::string(name_of(page.document->legible_at)) + ", which " +
                  std::string(name_of(*step.to)) + " is too coarse to read");
}

void Ageing::act(Step step) {
  const bool done = step.to ? step_down(step) : erase(step);
  if (done) result_.steps.push_back(std::move(step));
}

bool Ageing::erase(const Step& step) {
  if (options_.dry_run) return true;
  const std::vector<PageId> ids = {step.id};
  memory_.store.erase_pages(scope_, ids, now_, "gone", "older than the policy keeps");
  return true;
}

/// Draws the page again from its exact text, or where that was dropped from what its tokens read
/// back, and encodes it at the lower level. False when another process moved the page first.
bool Ageing::step_down(Step& step) {
  const StoredPage stored = memory_.store.page(scope_, step.id);
  const Page page = memory_.draw(memory_.text_of_page(scope_, stored), stored);
  auto tokens = memory_.encode({&page, 1}, *step.to);
  const auto fidelity = measure(step, page, stored.has_archive, tokens.front());
  if (fidelity) step.fidelity = fidelity->accuracy;
  if (options_.dry_run) return true;

  TokenChange change;
  change.page = step.id;
  change.from = step.from;
  change.embedding = memory_.embed(page, tokens.front());
  change.tokens = std::move(tokens.front());
  change.fidelity = fidelity;
  change.reason = options_.to ? "asked for" : "by age";
  change.now = now_;
  return memory_.store.replace_tokens(scope_, change);
}

/// Reads the page at the lower level and compares, while its exact text is known.
std::optional<Fidelity> Ageing::measure(const Step& step, const Page& page, bool exact,
                                        const VisionTokens& tokens) {
  if (!exact && !options_.dry_run) return {};
  const ReadPage read = memory_.codec().decode({&tokens, 1}).front();
  if (options_.dry_run) result_.lost_words[step.id] = lost_words(page.text, read.text);
  if (!exact) return {};
  return fidelity_of(page, read);
}

}  // namespace

AgeResult Memory::age(const AgeOptions& options) {
  const auto scope = impl_->store.find_scope(impl_->scope_name);
  if (!scope) return {};
  const EventRecorder record(*impl_, "age");
  std::optional<EraseReceipt> expired;
  const Time now = options.now.value_or(time_now());
  if (!options.dry_run) expired = receipt_of(impl_->store.erase_expired(*scope, now));
  AgeResult result = Ageing(*impl_, *scope, options).run();
  if (expired && !expired->receipt.empty()) result.expired = std::move(expired);
  std::int64_t saved = 0;
  for (const Step& step : result.steps) saved += step.tokens_saved;
  record.done(result.steps.size(), saved, EventRecorder::Changes::scope);
  return result;
}

}  // namespace fovea
