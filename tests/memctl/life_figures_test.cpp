// What a life showed, summed up from what its journal has: no store and no codec is needed for it.
#include "memctl/lifetime/figures.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/memctl/made_life.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::life_of_days;
using fovea::test::plan_of;

namespace {

/// Of the first: forgotten on the fourth day; the second is tiny by then, the others base.
const std::vector<std::string> kDays = {"the keeper wrote 4f9a1c23", "the boat brought 88213442",
                                        "a bell and nothing else", "the lamp went out"};

class FourDays {
 public:
  FourDays() {
    reading("", 1, Level::tiny, 0.5, {1, 0}, {true, false});
    reading("", 2, Level::base, 1, {0, 0}, {true, true});
    reading("", 3, Level::base, 0.9, {0, 0}, {});
    add_snapshot(4, 576, {std::nullopt, Level::tiny, Level::base, Level::base});
  }

  void reading(const std::string& policy, std::size_t page, Level level, double accuracy,
               Tally strings, std::vector<bool> answers) {
    records.add(ReadingKey{policy, page, level},
                {.fidelity = {.accuracy = accuracy}, .exact_strings = strings, .answers = answers});
  }

  void add_snapshot(int day, std::size_t tokens, std::vector<std::optional<Level>> levels) {
    SnapshotRecord record{.vision_tokens = tokens, .verbatim_tokens = 3};
    record.levels = std::move(levels);
    record.found = {{1, {true, true}}, {2, {true, false}}, {3, {}}};
    records.add(SnapshotKey{"lean", day}, record);
  }

  LifeFigures figures() const { return figures_of(plan, life, questions, records); }

  const AgeCurve& curve(const LifeFigures& all, Method method, std::optional<int> day,
                        int from) const {
    const auto found = std::ranges::find_if(all.curves, [&](const AgeCurve& one) {
      return one.method == method && one.day == day && one.age.from == from;
    });
    REQUIRE(found != all.curves.end());
    return *found;
  }

  Life life = life_of_days(kDays);
  LifetimePlan plan = plan_of({"lean"});
  std::vector<std::vector<Question>> questions = {{{"the keeper", "4f9a1c23", 17}},
                                                  {{"the boat", "88213442", 117}, {"b", "x", 150}},
                                                  {{"bell", "nothing", 213}, {"c", "y", 250}},
                                                  {}};
  LifeRecords records{"", Json::object()};
};

}  // namespace

TEST_CASE("life figures: a holding counts pages by level, what is gone, and all that was said") {
  const FourDays lived;
  const LifeFigures figures = lived.figures();
  REQUIRE(figures.holdings.size() == 1);
  const Holding& held = figures.holdings[0];
  CHECK(held.policy == "lean");
  CHECK(held.day == 4);
  CHECK(held.pages == 3);
  CHECK(held.gone == 1);
  CHECK(held.levels == std::map<Level, std::size_t>{{Level::tiny, 1}, {Level::base, 2}});
  CHECK(held.history_tokens == 4 * 40 + 3);
  CHECK(held.tokens() == 576 + 3);
}

TEST_CASE("life figures: what is gone counts as nothing, in tokens and in what is left") {
  const FourDays lived;
  const LifeFigures figures = lived.figures();
  const AgeCurve& days = lived.curve(figures, Method::vision_tokens, 4, 1);  // of 1 to 7 days
  CHECK(days.pages == 3);
  CHECK(days.tokens == doctest::Approx((0 + 64 + 256) / 3.0));
  CHECK(*days.fidelity.value == doctest::Approx((0 + 50 + 100) / 300.0));
  // One of the page that is gone, one of the tiny page, which misread it.
  CHECK(*days.exact_strings.value == doctest::Approx(0));
  CHECK(days.questions == 5);
  CHECK(*days.found.value == doctest::Approx(3 / 5.0));
  CHECK(*days.readable.value == doctest::Approx(3 / 5.0));
  CHECK(*days.answered.value == doctest::Approx(2 / 5.0));
  const AgeCurve& day = lived.curve(figures, Method::vision_tokens, 4, 0);  // up to a day
  CHECK(day.pages == 1);
  CHECK(*day.fidelity.value == doctest::Approx(0.9));
  CHECK_FALSE(day.found.value);  // nothing is asked of it
  CHECK_FALSE(day.fidelity.interval);
}

TEST_CASE("life figures: the newest text is all where as many tokens hold it, nothing where none") {
  FourDays lived;
  LifeFigures figures = lived.figures();
  for (const int from : {0, 1}) {
    const AgeCurve& all = lived.curve(figures, Method::newest_text, 4, from);
    CHECK(*all.fidelity.value == doctest::Approx(1));
    CHECK(all.tokens == doctest::Approx(40));
  }
  CHECK(*lived.curve(figures, Method::newest_text, 4, 1).answered.value == doctest::Approx(1));
  CHECK(*lived.curve(figures, Method::newest_text, 4, 1).exact_strings.value == doctest::Approx(1));

  FourDays poor;
  poor.records.add(SnapshotKey{"lean", 4}, {.levels = {std::nullopt, std::nullopt, {}, {}}});
  figures = poor.figures();
  for (const int from : {0, 1}) {
    const AgeCurve& none = poor.curve(figures, Method::newest_text, 4, from);
    CHECK(*none.fidelity.value <= 0.01);  // a line's end, which costs nothing
    CHECK(none.tokens == doctest::Approx(0));
  }
  CHECK(*poor.curve(figures, Method::newest_text, 4, 1).exact_strings.value == doctest::Approx(0));
}

TEST_CASE("life figures: the newest text keeps the end of a page that it cuts") {
  FourDays lived;
  SnapshotRecord record{.vision_tokens = 10, .levels = {{}, {}, {}, {}}};
  lived.records.add(SnapshotKey{"lean", 4}, record);
  const LifeFigures figures = lived.figures();
  const AgeCurve& newest = lived.curve(figures, Method::newest_text, 4, 0);
  CHECK(*newest.fidelity.value > 0);
  CHECK(*newest.fidelity.value < 1);
  CHECK(newest.tokens <= 10);
  CHECK(*lived.curve(figures, Method::newest_text, 4, 1).fidelity.value == 0);
}

TEST_CASE("life figures: over all days a page that was looked at twice counts with both") {
  FourDays lived;
  lived.reading("", 0, Level::base, 1, {1, 1}, {true});
  lived.reading("", 1, Level::base, 1, {1, 1}, {true, true});
  lived.add_snapshot(2, 512, {Level::base, Level::base});
  const LifeFigures figures = lived.figures();
  REQUIRE(figures.holdings.size() == 2);
  CHECK(figures.holdings[0].day == 2);
  CHECK(figures.holdings[0].history_tokens == 2 * 40 + 3);
  const AgeCurve& day = lived.curve(figures, Method::vision_tokens, std::nullopt, 0);
  CHECK(day.pages == 2);  // the second page on the second day, the fourth on the fourth
  CHECK(*day.fidelity.value == doctest::Approx((100 + 90) / 200.0));
  CHECK(day.tokens == doctest::Approx(256));
  const AgeCurve& days = lived.curve(figures, Method::vision_tokens, std::nullopt, 1);
  CHECK(days.pages == 3);
  // The first page is there on the second day (though nobody looked for its questions) and gone on
  // the fourth.
  CHECK(days.tokens == doctest::Approx((256 + 0 + 64 + 256) / 4.0));
  REQUIRE(days.fidelity.interval);
  CHECK(days.fidelity.interval->low < days.fidelity.interval->high);
}

TEST_CASE("life figures: a policy's own reading of a page counts before the one all share") {
  FourDays lived;
  lived.reading("lean", 1, Level::tiny, 0.8, {1, 1}, {true, true});
  lived.reading("careful", 2, Level::base, 0.1, {0, 0}, {false, false});  // another policy's
  const LifeFigures figures = lived.figures();
  const AgeCurve& days = lived.curve(figures, Method::vision_tokens, 4, 1);
  CHECK(*days.fidelity.value == doctest::Approx((0 + 80 + 100) / 300.0));
  CHECK(*days.readable.value == doctest::Approx(4 / 5.0));
}

TEST_CASE("life figures: policies come in the plan's order, unknown ones are passed over") {
  FourDays lived;
  lived.plan = plan_of({"none yet", "lean"});
  lived.records.add(SnapshotKey{"another", 4}, {});
  const LifeFigures figures = lived.figures();
  REQUIRE(figures.holdings.size() == 1);
  CHECK(figures.holdings[0].policy == "lean");
  for (const AgeCurve& curve : figures.curves) CHECK(curve.policy == "lean");
  CHECK(name_of(Method::newest_text) == "newest text");
  CHECK(name_of(Method::vision_tokens) == "vision tokens");
}

TEST_CASE("life figures: of each range as many pages are looked at as the plan says") {
  FourDays lived;
  lived.plan.pages = 1;
  const LifeFigures figures = lived.figures();
  const AgeCurve& days = lived.curve(figures, Method::vision_tokens, 4, 1);
  CHECK(days.pages == 1);
  CHECK(days.tokens == doctest::Approx((0 + 64 + 256) / 3.0));  // of all of them
}
