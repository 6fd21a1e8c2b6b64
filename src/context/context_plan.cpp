#include "src/context/context_plan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <iterator>

namespace fovea {
namespace {

constexpr std::array kResources = {&ContextCost::tokens, &ContextCost::images,
                                   &ContextCost::bytes};

ContextCost left_of(const ContextCost& limit, const ContextCost& used) {
  ContextCost left;
  for (const auto resource : kResources) {
    left.*resource = limit.*resource - std::min(limit.*resource, used.*resource);
  }
  return left;
}

/// Pages that stand together or not at all.
struct Cluster {
  std::size_t begin;
  std::size_t end;
  ContextCost kept;
  bool pinned = false;
};

/// The first cluster of the newest that fit. What must go is rounded up to a quarter of the room,
/// counted from the oldest on, so that the beginning moves seldom as history grows.
std::size_t window_begin(const std::vector<Cluster>& clusters, const ContextCost& room,
                         bool in_batches) {
  std::size_t begin = 0;
  for (const auto resource : kResources) {
    std::size_t total = 0;
    for (const Cluster& cluster : clusters) total += cluster.kept.*resource;
    const std::size_t limit = room.*resource;
    if (total <= limit) continue;
    const std::size_t batch = in_batches ? std::max<std::size_t>(1, limit / 4) : 1;
    const std::size_t to_drop = (total - limit + batch - 1) / batch * batch;
    std::size_t dropped = 0, first = 0;
    while (first < clusters.size() && dropped < to_drop) {
      dropped += clusters[first++].kept.*resource;
    }
    begin = std::max(begin, first);
  }
  return begin;
}

class Planning {
 public:
  explicit Planning(const ContextPlanInput& input) : input_(input), limit_(input.limit) {
    make_clusters();
    if (std::ranges::any_of(input.pages, has_picture)) preface_ = input.preface;
    limit_ = left_of(limit_, preface_);
    plan_.recent_begin = input.recent.size();
  }

  ContextPlan plan() {
    take_pinned();
    take_window();
    take_recent();
    if (is_empty()) take_anything();
    take_matches();
    plan_.used = used_;
    const auto is_picture = [&](std::size_t page) { return has_picture(input_.pages[page]); };
    if (std::ranges::any_of(plan_.pages, is_picture) ||
        std::ranges::any_of(plan_.pinned, is_picture)) {
      plan_.used = plan_.used + preface_;
    }
    return std::move(plan_);
  }

 private:
  static bool has_picture(const PlannedPage& page) { return page.kept.images > 0; }
  bool recent_is_tied() const {
    return !input_.pages.empty() && !input_.recent.empty() && input_.pages.back().tied_to_next;
  }
  bool is_empty() const {
    return plan_.pinned.empty() && plan_.pages.empty() &&
           plan_.recent_begin == input_.recent.size();
  }

  void make_clusters() {
    for (std::size_t i = 0; i < input_.pages.size(); ++i) {
      if (i == 0 || !input_.pages[i - 1].tied_to_next) clusters_.push_back({i, i, {}, false});
      Cluster& cluster = clusters_.back();
      cluster.end = i + 1;
      cluster.kept = cluster.kept + input_.pages[i].kept;
      cluster.pinned |= input_.pages[i].pinned;
    }
  }

  /// False when it does not fit.
  bool take(const Cluster& cluster, std::vector<std::size_t>& list) {
    if (!fits(used_ + cluster.kept, limit_)) return false;
    used_ = used_ + cluster.kept;
    for (std::size_t i = cluster.begin; i < cluster.end; ++i) list.push_back(i);
    return true;
  }

  void take_pinned() {
    for (const Cluster& cluster : clusters_) {
      if (cluster.pinned) take(cluster, plan_.pinned);
    }
  }

  /// What is kept free for recent text and matches. The size of the recent text counts in steps, so
  /// that pages stay while it grows.
  ContextCost reserve() const {
    ContextCost recent;
    for (const ContextCost& group : input_.recent) recent = recent + group;
    ContextCost reserved;
    for (const auto resource : {&ContextCost::tokens, &ContextCost::bytes}) {
      const std::size_t step = std::max<std::size_t>(1, limit_.*resource / 8);
      const std::size_t steps = (recent.*resource + step - 1) / step;
      reserved.*resource = std::max(limit_.*resource / 4, (steps + 1) * step);
    }
    return reserved;
  }

  void take_window() {
    std::vector<Cluster> open;
    std::ranges::copy_if(clusters_, std::back_inserter(open), [](auto& c) { return !c.pinned; });
    const ContextCost room = left_of(left_of(limit_, used_), reserve());
    std::size_t begin = window_begin(open, room, true);
    if (begin == open.size()) begin = window_begin(open, room, false);
    for (std::size_t i = begin; i < open.size(); ++i) take(open[i], plan_.pages);
  }

  void take_recent() {
    while (plan_.recent_begin > 0) {
      const ContextCost& group = input_.recent[plan_.recent_begin - 1];
      if (!fits(used_ + group, limit_)) break;
      used_ = used_ + group;
      --plan_.recent_begin;
    }
    if (!recent_is_tied()) return;
    const bool has_result = plan_.recent_begin == 0;
    if (has_result == has_page(input_.pages.size() - 1)) return;
    if (has_result) {
      used_ = left_of(used_, input_.recent[plan_.recent_begin++]);
    } else {
      drop_last_cluster();
    }
  }

  void drop_last_cluster() {
    const Cluster& last = clusters_.back();
    const auto inside = [&](std::size_t page) { return page >= last.begin; };
    std::erase_if(plan_.pages, inside);
    std::erase_if(plan_.pinned, inside);
    used_ = left_of(used_, last.kept);
  }

  bool has_page(std::size_t page) const {
    return std::ranges::binary_search(plan_.pages, page) ||
           std::ranges::binary_search(plan_.pinned, page);
  }

  void take_matches() {
    for (const std::int64_t id : input_.matches) {
      const auto page = std::ranges::find(input_.pages, id, &PlannedPage::id);
      if (page == input_.pages.end()) continue;
      take_match(static_cast<std::size_t>(page - input_.pages.begin()));
    }
    std::ranges::sort(plan_.matches);
  }

  void take_match(std::size_t page) {
    const auto holds = [&](const Cluster& c) { return page >= c.begin && page < c.end; };
    const Cluster& cluster = *std::ranges::find_if(clusters_, holds);
    if (std::ranges::find(plan_.matches, page) != plan_.matches.end()) return;
    ContextCost cost;
    bool known = true;  // all of it stands there as text
    for (std::size_t i = cluster.begin; i < cluster.end; ++i) {
      cost = cost + input_.pages[i].readback;
      known = known && has_page(i) && input_.pages[i].kept_as_text;
    }
    const bool torn = cluster.end == input_.pages.size() && plan_.recent_begin != 0 &&
                      recent_is_tied();
    if (known || torn || !fits(used_ + cost, limit_)) return;
    used_ = used_ + cost;
    for (std::size_t i = cluster.begin; i < cluster.end; ++i) plan_.matches.push_back(i);
  }

  /// With a budget so small that the shares above leave room for nothing: the newest that fits.
  void take_anything() {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    // Recent text whose first group has its call on a page stands with that page or not at all.
    const bool joined = recent_is_tied() && input_.recent.size() == 1;
    if (!input_.recent.empty() && !joined) {
      least = input_.recent.back().tokens;
      if (fits(input_.recent.back(), limit_)) {
        used_ = input_.recent.back();
        plan_.recent_begin = input_.recent.size() - 1;
        return;
      }
    }
    for (std::size_t i = clusters_.size(); i-- > 0;) {
      Cluster cluster = clusters_[i];
      const bool needs_recent = i + 1 == clusters_.size() && recent_is_tied();
      if (needs_recent && !joined) continue;
      if (needs_recent) cluster.kept = cluster.kept + input_.recent.front();
      least = std::min(least, cluster.kept.tokens);
      if (!take(cluster, plan_.pages)) continue;
      if (needs_recent) plan_.recent_begin = 0;
      return;
    }
    if (!clusters_.empty() || !input_.recent.empty()) plan_.least_tokens = least + preface_.tokens;
  }

  const ContextPlanInput& input_;
  ContextCost limit_;
  ContextCost preface_;
  std::vector<Cluster> clusters_;
  ContextCost used_;
  ContextPlan plan_;
};

}  // namespace

ContextCost operator+(const ContextCost& a, const ContextCost& b) {
  return {a.tokens + b.tokens, a.images + b.images, a.bytes + b.bytes};
}

bool fits(const ContextCost& cost, const ContextCost& limit) {
  return std::ranges::all_of(kResources, [&](auto r) { return cost.*r <= limit.*r; });
}

ContextPlan plan_context(const ContextPlanInput& input) {
  return Planning(input).plan();
}

}  // namespace fovea
