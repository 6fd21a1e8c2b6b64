#include "facade/page_trials.h"

#include <algorithm>
#include <utility>

#include "measure/floor_check.h"

namespace fovea {
namespace {

constexpr std::size_t kMostKept = std::size_t{64} << 20;  // bytes

std::size_t size_of(const PageTrial& trial) {
  return byte_count(trial.tokens) + (trial.glance ? trial.glance->size() : 0) +
         (trial.reading ? 2 * trial.reading->text.size() : 0);
}

/// As Codec::glance joins the rows.
std::string joined(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text.append(row, 0, row.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

struct PageTrials::Tried {
  std::size_t index;  ///< among what is wanted
  Measurement wanted;
  Page page;  ///< drawn at 1280
  PageTrial trial = {};
  std::optional<Fidelity> fidelity = {};

  /// Of documents nothing but the whole tells how they are read.
  bool is_read_in_rows() const { return wanted.floor && !page.document; }
};

std::vector<std::optional<Fidelity>> PageTrials::measure(std::span<const Measurement> wanted) {
  std::vector<Tried> all = drawn(wanted);
  encode(all);
  read_rows(all);
  std::vector<std::optional<Fidelity>> found(wanted.size());
  for (Tried& page : all) {
    if (!page.is_read_in_rows()) read_whole(page);
    found[page.index] = page.fidelity;
    keep(page);
  }
  return found;
}

std::vector<PageTrials::Tried> PageTrials::drawn(std::span<const Measurement> wanted) const {
  std::vector<Tried> all;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto page = memory_.store.find_page(scope_, wanted[i].id);
    const auto text = page ? memory_.exact_text(scope_, *page) : std::nullopt;
    if (text) all.push_back({.index = i, .wanted = wanted[i], .page = memory_.draw(*text, *page)});
  }
  std::ranges::stable_sort(all, {}, [](const Tried& page) { return page.wanted.level; });
  return all;
}

/// The pages of a level together.
void PageTrials::encode(std::vector<Tried>& all) const {
  for (std::size_t begin = 0; begin < all.size();) {
    const Level level = all[begin].wanted.level;
    std::vector<Page> shrunk;
    while (begin + shrunk.size() < all.size() && all[begin + shrunk.size()].wanted.level == level)
      shrunk.push_back(shrink(all[begin + shrunk.size()].page, level));
    for (VisionTokens& tokens : memory_.codec().encode(shrunk))
      all[begin++].trial.tokens = std::move(tokens);
  }
}

void PageTrials::read_whole(Tried& page) const {
  page.trial.reading = std::move(memory_.codec().decode({&page.trial.tokens, 1}, kGreedy).front());
  page.fidelity = fidelity_of(page.page, *page.trial.reading);
}

void PageTrials::read_rows(std::vector<Tried>& all) const {
  std::vector<Tried*> pages;
  std::vector<VisionTokens> tokens;
  std::vector<FloorCheck> checks;
  for (Tried& page : all) {
    if (!page.is_read_in_rows()) continue;
    pages.push_back(&page);
    tokens.push_back(page.trial.tokens);
    checks.emplace_back(page.page, *page.wanted.floor);
  }
  if (pages.empty()) return;
  const std::vector<PartRead> read = memory_.codec().decode_rows(
      tokens, [&](std::size_t i, const PartRead& so_far) { return checks[i].next(so_far); });
  for (std::size_t i = 0; i < pages.size(); ++i) {
    pages[i]->fidelity = checks[i].fidelity();
    pages[i]->trial.glance = joined(read[i].glance);
  }
}

/// In place of a sharper encoding of the same page.
void PageTrials::keep(Tried& page) {
  if (page.wanted.floor && page.fidelity->accuracy < *page.wanted.floor) return;
  const std::size_t size = size_of(page.trial);
  take(page.wanted.id, page.wanted.level);
  if (kept_bytes_ + size > kMostKept) return;
  kept_bytes_ += size;
  kept_[page.wanted.id] = std::move(page.trial);
}

std::optional<PageTrial> PageTrials::take(PageId page, Level level) {
  const auto found = kept_.find(page);
  if (found == kept_.end()) return {};
  PageTrial trial = std::move(found->second);
  kept_bytes_ -= size_of(trial);
  kept_.erase(found);
  return trial.tokens.level == level ? std::optional(std::move(trial)) : std::nullopt;
}

}  // namespace fovea
