// A policy file: what is taken is the same after it was written out, and plans only ever step down.
#include <vector>

#include "fovea/policy.h"
#include "tests/fuzz/fuzz.h"

using namespace fovea;

namespace {

std::vector<PageState> some_pages() {
  std::vector<PageState> pages;
  for (int i = 0; i < 12; ++i) {
    PageState& page = pages.emplace_back();
    page.id = page.order = i + 1;
    page.level = kLevels[static_cast<std::size_t>(i) % kLevels.size()];
    page.time = i % 5 == 4 ? 0 : 1'700'000'000 - i * 86'400 * 20;
    page.last_recalled = i % 3 == 0 ? page.time + 3'600 : 0;
    page.pinned = i % 7 == 6;
    page.characters = 5'618;
    page.measurable = i % 2 == 0;
    page.has_archive = i % 2 == 0;
    if (i % 4 == 0) page.fidelity = {{Level::tiny, 0.999}, {Level::faint, 0.97}};
  }
  return pages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Policy policy;
  if (!fuzz::accepts([&] { policy = Policy::from_json(fuzz::text_of(data, size)); })) return 0;
  const std::string json = policy.to_json();
  fuzz::expect(Policy::from_json(json).to_json() == json, "a policy read again is the same policy");

  static const std::vector<PageState> pages = some_pages();
  const ForgettingPlan made = plan(policy, pages, 1'700'000'000);
  for (const Step& step : made.steps) {
    fuzz::expect(!step.to || *step.to > step.from, "pages only ever step down");
    fuzz::expect(!pages[static_cast<std::size_t>(step.id - 1)].pinned, "pinned pages stay");
  }
  return 0;
}
