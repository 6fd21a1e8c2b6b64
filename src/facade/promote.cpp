#include "facade/reencoding.h"
#include "fovea/error.h"

namespace fovea {
namespace {

std::string described(PageId page) { return "promote: page " + std::to_string(page); }

/// Where the page's last step down came from.
Level level_before(const Store& store, ScopeId scope, const StoredPage& page) {
  Level before = page.level;
  for (const HistoryEntry& entry : store.history(scope)) {
    if (entry.page != page.id) continue;
    if (entry.event == HistoryEvent::fade) before = entry.from.value_or(page.level);
    if (entry.event == HistoryEvent::promote) before = page.level;
  }
  if (before < page.level) return before;
  throw Error(ErrorCode::invalid_argument,
              described(page.id) + " has no step down to undo; it is at " +
                  std::string(name_of(page.level)) + "; name a sharper level");
}

}  // namespace

Step Memory::promote(std::int64_t id, std::optional<Level> to) {
  const ScopeId scope = impl_->known_scope();
  const StoredPage page = impl_->store.page(scope, id);
  const Level level = to ? *to : level_before(impl_->store, scope, page);
  if (level >= page.level) {
    throw Error(ErrorCode::invalid_argument,
                described(id) + " is at " + std::string(name_of(page.level)) +
                    ", which is as sharp as " + std::string(name_of(level)) +
                    " or sharper; use age to let it fade");
  }
  impl_->require_readable(level);
  const bool may_be_known = page.has_archive || page.has_corrections;
  const KnownText known = may_be_known ? impl_->known_text(scope, page) : KnownText{};
  if (!known.exact) {
    throw Error(ErrorCode::not_found,
                described(id) + ": its exact text was not kept, so it cannot get sharper");
  }
  const Page drawn = impl_->draw(known.text, page);
  Reencoding encoded(*impl_, drawn, level);
  if (page.has_corrections) {  // a sharper page needs fewer than it has, so they stay in budget
    encoded.use_anchors(impl_->store.anchors(scope, id));
    encoded.correct(rows_to_keep(page, drawn, known, encoded.recovered()), kNoLimit);
  }
  const std::optional<Fidelity> fidelity = encoded.fidelity();
  TokenChange change = std::move(encoded).change_of(page);
  change.fidelity = fidelity;
  change.event = HistoryEvent::promote;
  change.reason = "asked for";
  change.now = time_now();
  if (!impl_->store.replace_tokens(scope, change)) {
    throw Error(ErrorCode::io, described(id) + " was changed by another process; try again");
  }
  const std::vector<PageId> ids = {id};
  impl_->store.set_recalled(scope, ids, change.now);
  Step step{.id = id, .from = page.level, .to = level};
  step.tokens_saved = token_count(page.level) - token_count(level);
  if (const auto known = page.fidelity.find(level); known != page.fidelity.end())
    step.fidelity = known->second.accuracy;
  step.reason = change.reason;
  return step;
}

}  // namespace fovea
