#include <algorithm>
#include <cstdio>
#include <queue>

#include "fovea/policy.h"

namespace fovea {
namespace {

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", share * 100);
  return text;
}

std::string illegible(Level legible_to, Level level) {
  return "is a document in type for " + std::string(name_of(legible_to)) + ", which " +
         std::string(name_of(level)) + " is too coarse to read";
}

constexpr std::size_t kPagesThatTell = 8;

/// How well most of these pages are read at each level where enough were measured.
std::map<Level, double> usual_fidelity(std::span<const PageState> pages) {
  std::map<Level, std::vector<double>> all;
  for (const PageState& page : pages)
    for (const auto& [level, fidelity] : page.fidelity) all[level].push_back(fidelity);
  std::map<Level, double> usual;
  for (auto& [level, values] : all) {
    if (values.size() < kPagesThatTell) continue;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    usual[level] = *middle;
  }
  return usual;
}

/// What the policy says of that age; nothing where no band begins so early.
const AgeBand* band_at(const Policy& policy, std::int64_t age) {
  const AgeBand* last = nullptr;
  for (const AgeBand& band : policy.bands) {
    if (age >= band.older_than) last = &band;
  }
  return last;
}

std::optional<double> known(const PageState& page, Level level) {
  const auto found = page.fidelity.find(level);
  return found == page.fidelity.end() ? std::optional<double>() : found->second;
}

double error_of(const PageState& page, Level level) {
  const auto found = page.fidelity_error.find(level);
  return found == page.fidelity_error.end() ? 0 : found->second;
}

/// Whether the page is read at the level as well as the floor asks; nothing: not known.
std::optional<bool> holds(const PageState& page, Level level, double floor) {
  if (!page.measurable) return expected_fidelity(level) >= floor;
  const auto fidelity = known(page, level);
  if (!fidelity) return {};
  const double error = error_of(page, level);
  if (*fidelity - error >= floor) return true;
  if (*fidelity + error < floor) return false;
  return {};
}

double fidelity_or_expected(const PageState& page, Level level) {
  return known(page, level).value_or(expected_fidelity(level));
}

/// A page on its way: where it goes by what is decided so far.
struct Course {
  const PageState* page;
  std::optional<Level> to;  ///< nothing: gone
  std::string reason = {};

  int tokens() const { return to ? token_count(*to) : 0; }
  Level level() const { return to.value_or(page->level); }
};

class Planner {
 public:
  Planner(const Policy& policy, std::span<const PageState> pages, Time now,
          std::span<const Level> levels)
      : policy_(policy),
        now_(now),
        levels_(levels.begin(), levels.end()),
        usual_(usual_fidelity(pages)) {
    std::ranges::sort(levels_);
    for (const PageState& page : pages) courses_.push_back({.page = &page, .to = page.level});
  }

  ForgettingPlan run() {
    find_batches();
    for (Course& course : courses_) {
      if (!course.page->pinned) follow_band(course);
    }
    if (policy_.budget && plan_.measurements.empty()) keep_budget();
    if (policy_.archive_for) find_archives();
    return result();
  }

 private:
  void find_batches();
  std::int64_t age_of(const PageState& page) const;
  std::int64_t batch_of(const PageState& page) const { return (page.order - 1) / policy_.batch; }
  bool is_filling(const PageState& page) const;
  void follow_band(Course& course);
  void follow_floor(Course& course, double floor);
  void follow_level(Course& course, Level level);
  void refuse(const PageState& page, Level level, double floor);
  void refuse_illegible(const PageState& page, Level level);
  void find_archives();
  void measure_next(const PageState& page, std::span<const Level> open, double floor);
  void keep_budget();
  std::optional<Level> next_level(const Course& course) const;
  double loss_per_token(const Course& course, Level next) const;
  ForgettingPlan result();

  const Policy& policy_;
  Time now_;
  std::vector<Level> levels_;
  std::map<Level, double> usual_;
  std::vector<Course> courses_;
  std::map<std::int64_t, Time> youngest_;  ///< by batch
  std::int64_t last_order_ = 0;
  ForgettingPlan plan_;
};

void Planner::find_batches() {
  for (const Course& course : courses_) {
    if (course.page->order == 0) continue;
    Time& youngest = youngest_[batch_of(*course.page)];
    youngest = std::max(youngest, course.page->time);
    last_order_ = std::max(last_order_, course.page->order);
  }
}

/// There is room in the page's batch for pages to come.
bool Planner::is_filling(const PageState& page) const {
  return page.order != 0 && (batch_of(page) + 1) * policy_.batch > last_order_;
}

std::int64_t Planner::age_of(const PageState& page) const {
  Time fresh = std::max(page.time, page.last_recalled);
  if (page.order != 0) fresh = std::max(fresh, youngest_.at(batch_of(page)));
  return now_ - fresh;
}

void Planner::follow_band(Course& course) {
  const AgeBand* band = band_at(policy_, age_of(*course.page));
  if (!band || (band->older_than == 0 && is_filling(*course.page))) return;
  if (band->floor) return follow_floor(course, *band->floor);
  if (band->level) return follow_level(course, *band->level);
  course.to = {};
  course.reason = "by age";
}

void Planner::follow_level(Course& course, Level level) {
  const PageState& page = *course.page;
  if (level <= page.level) return;
  if (page.legible_to <= page.level) return refuse_illegible(page, level);
  course.to = std::min(level, page.legible_to);
  course.reason = "by age";
}

/// Coarser levels are read no better than sharper ones: from the last level that is known to hold
/// the floor to the first that is known not to, levels are open.
void Planner::follow_floor(Course& course, double floor) {
  const PageState& page = *course.page;
  course.reason = "by fidelity";
  std::vector<Level> open;
  for (const Level level : levels_) {
    if (level <= page.level) continue;
    if (level > page.legible_to) {
      if (open.empty() && course.to == page.level) refuse_illegible(page, level);
      break;
    }
    const auto holds_floor = holds(page, level, floor);
    if (!holds_floor) {
      open.push_back(level);
    } else if (*holds_floor) {
      course.to = level;
      open.clear();
    } else {
      if (open.empty() && course.to == page.level) refuse(page, level, floor);
      break;
    }
  }
  if (!open.empty()) measure_next(page, open, floor);
}

void Planner::refuse(const PageState& page, Level level, double floor) {
  std::string reason = std::string(name_of(level));
  const double error = error_of(page, level);
  if (!page.measurable)
    reason += " cannot be measured without the exact text; most pages are read back " +
              percent(expected_fidelity(level));
  else
    reason += " is read back " + percent(*known(page, level)) +
              (error > 0 ? ", give or take " + percent(error) : "");
  plan_.refused.push_back({page.id, reason + ", below the floor of " + percent(floor)});
}

void Planner::refuse_illegible(const PageState& page, Level level) {
  plan_.refused.push_back({page.id, illegible(page.legible_to, level)});
}

/// What the batch waits for is what stands in a prompt; the exact text does not.
void Planner::find_archives() {
  for (const Course& course : courses_) {
    const PageState& page = *course.page;
    const std::int64_t age = now_ - std::max(page.time, page.last_recalled);
    if (page.has_archive && !page.pinned && course.to && age >= *policy_.archive_for)
      plan_.archives.push_back(page.id);
  }
}

/// First where most pages stop holding the floor, then its neighbours: two measurements mostly.
/// Which level that is the pages say that were measured already: they are much like the others.
void Planner::measure_next(const PageState& page, std::span<const Level> open, double floor) {
  Level next = open.front();
  for (const Level level : open) {
    const auto usual = usual_.find(level);
    if ((usual == usual_.end() ? expected_fidelity(level) : usual->second) >= floor) next = level;
  }
  plan_.measurements.push_back({page.id, next, floor});
}

std::optional<Level> Planner::next_level(const Course& course) const {
  const auto next = std::ranges::upper_bound(levels_, course.level());
  const bool ends = next == levels_.end() || *next > course.page->legible_to;
  return ends ? std::optional<Level>() : *next;
}

/// Characters lost for each vision token saved.
double Planner::loss_per_token(const Course& course, Level next) const {
  const double loss = fidelity_or_expected(*course.page, course.level()) -
                      fidelity_or_expected(*course.page, next);
  return std::max(0.0, loss) * static_cast<double>(course.page->characters) /
         (course.tokens() - token_count(next));
}

/// Takes the cheapest step of any page until all fit. Steps that have not been measured are taken
/// as most pages' are, and asked for.
void Planner::keep_budget() {
  std::size_t tokens = 0;
  for (const Course& course : courses_) tokens += static_cast<std::size_t>(course.tokens());
  using Offer = std::pair<double, std::size_t>;  // loss, course; older pages first
  std::priority_queue<Offer, std::vector<Offer>, std::greater<>> offers;
  const auto offer = [&](std::size_t i) {
    const Course& course = courses_[i];
    if (course.page->pinned || !course.to) return;
    if (const auto next = next_level(course)) offers.push({loss_per_token(course, *next), i});
  };
  for (std::size_t i = 0; i < courses_.size(); ++i) offer(i);
  while (tokens > *policy_.budget && !offers.empty()) {
    const std::size_t i = offers.top().second;
    offers.pop();
    Course& course = courses_[i];
    const Level next = *next_level(course);
    const bool is_exact = known(*course.page, next) && error_of(*course.page, next) == 0;
    if (course.page->measurable && !is_exact)
      plan_.measurements.push_back({course.page->id, next, {}});
    tokens -= static_cast<std::size_t>(course.tokens() - token_count(next));
    course.to = next;
    course.reason = "for the budget";
    offer(i);
  }
}

ForgettingPlan Planner::result() {
  for (Course& course : courses_) {
    plan_.vision_tokens += static_cast<std::size_t>(course.tokens());
    if (course.to == course.page->level) continue;
    plan_.steps.push_back(
        {.id = course.page->id,
         .from = course.page->level,
         .to = course.to,
         .tokens_saved = token_count(course.page->level) - course.tokens(),
         .fidelity = course.to ? known(*course.page, *course.to) : std::optional<double>(),
         .fidelity_error = course.to ? error_of(*course.page, *course.to) : 0,
         .reason = std::move(course.reason)});
  }
  return std::move(plan_);
}

}  // namespace

ForgettingPlan plan(const Policy& policy, std::span<const PageState> pages, Time now,
                    std::span<const Level> levels) {
  return Planner(policy, pages, now, levels).run();
}

}  // namespace fovea
