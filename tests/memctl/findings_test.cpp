#include "memctl/experiment/findings.h"

#include <doctest/doctest.h>

#include <limits>

#include "memctl/experiment/packed_size.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

PageRecord record(const std::string& domain, Shuffle shuffle, std::size_t page, double errors) {
  PageRecord one;
  one.key = {.density = Density::d106,
             .domain = domain,
             .shuffle = shuffle,
             .page = page,
             .level = Level::tiny};
  one.characters = 100;
  one.text_tokens = 640;
  one.vision_tokens = 64;
  one.errors = errors;
  one.exact_strings["id"] = {.all = 4, .given_back = 3};
  one.rows = {{.confidence = 0.9F, .evidence = {-0.1F, -0.2F, 0}, .exact = true},
              {.confidence = 0.2F, .evidence = {-3, -4, -5}, .exact = false}};
  one.confusions[{"l", "1"}] = 2;
  return one;
}

std::map<PageKey, PageRecord> by_key(std::vector<PageRecord> records) {
  std::map<PageKey, PageRecord> all;
  for (PageRecord& one : records) all.emplace(one.key, std::move(one));
  return all;
}

Findings findings_of(const std::map<PageKey, PageRecord>& records) {
  return {records, {Density::d106}, {"b", "a"}, {Level::small, Level::tiny}, 1};
}

}  // namespace

TEST_CASE("findings: pages of a text are summed up, texts in the order given, controls apart") {
  const auto records =
      by_key({record("a", Shuffle::none, 0, 10), record("b", Shuffle::none, 0, 0),
              record("a", Shuffle::none, 1, 20), record("a", Shuffle::words, 0, 50)});
  const Findings findings = findings_of(records);
  REQUIRE(findings.curves().size() == 2);
  CHECK(findings.curves()[0].domain == "b");
  const Curve& a = findings.curves()[1];
  CHECK(a.pages.size() == 2);
  CHECK(*a.accuracy.value == doctest::Approx(0.85));
  CHECK(a.compression() == doctest::Approx(10));
  CHECK(*a.exact_strings.value == doctest::Approx(0.75));
  CHECK(a.accuracy.interval->low == doctest::Approx(0.8));
  CHECK(a.accuracy.interval->high == doctest::Approx(0.9));
  CHECK(a.confusions().at({"l", "1"}) == 4);
  REQUIRE(findings.controls().size() == 1);
  CHECK(*findings.controls()[0].accuracy.value == doctest::Approx(0.5));
}

TEST_CASE("findings: a trained control stands beside the curves that are of the same texts") {
  const auto records = by_key({record("a", Shuffle::none, 0, 10)});
  TrainedControl control{.name = "pooled", .encoder = "pooled"};
  control.figures = {{"a", Density::d106, Level::tiny, 3000, {{180, 200}, {200, 200}}},
                     {"a", Density::d160, Level::tiny, 1, {{1, 1}}},
                     {"c", Density::d106, Level::tiny, 1, {{1, 1}}}};
  const Findings findings(records, {Density::d106}, {"a"}, {Level::tiny}, 1, {control});
  REQUIRE(findings.trained().size() == 1);
  const TrainedCurve& found = findings.trained()[0];
  CHECK(found.curve == &findings.curves()[0]);
  CHECK(found.control->label() == "pooled (pooled encoder)");
  CHECK(found.pages == 2);
  CHECK(found.characters == 400);
  CHECK(found.token_bytes == 3000);
  CHECK(found.vision_tokens() == 128);
  CHECK(found.compression() ==
        doctest::Approx(20));  // 6.4 text tokens a character, as in the curve
  CHECK(*found.accuracy.value == doctest::Approx(0.95));
  CHECK(found.accuracy.interval->low == doctest::Approx(0.9));
}

TEST_CASE("findings: the Brier score is the mean square of what is said wrongly") {
  const auto records = by_key({record("a", Shuffle::none, 0, 10)});
  const Calibration calibration = findings_of(records).calibration();
  CHECK(calibration.rows == 2);
  CHECK(calibration.brier == doctest::Approx((0.01 + 0.04) / 2));
  CHECK(calibration.base_brier == doctest::Approx(0.25));
  CHECK(calibration.bins.size() == 2);
}

TEST_CASE("findings: without pages there are none") {
  const std::map<PageKey, PageRecord> records;
  const Findings findings = findings_of(records);
  CHECK(findings.curves().empty());
  CHECK(findings.calibration().rows == 0);
}

TEST_CASE("page record: JSON gives it back, to the last bit") {
  PageRecord one = record("x \"y\"", Shuffle::characters, 3, 1.0 / 3);
  one.rows[0].evidence.weakest = -std::numeric_limits<float>::infinity();
  one.full = true;
  one.baselines["truncation"] = {
      .tokens = 5, .errors = 0.1, .word_recall = 0.2, .exact_strings = 1, .zstd_bytes = 7};
  one.row_lengths = {3};
  one.wrong_cells = {".x."};
  one.read_rows = {"a1c"};
  const PageRecord again = page_record_from(Json::parse(json_of(one).dump()));
  CHECK(again.key == one.key);
  CHECK(again.errors == one.errors);
  CHECK(again.full);
  CHECK(again.rows[0].confidence == one.rows[0].confidence);
  CHECK(again.rows[0].evidence.weakest == one.rows[0].evidence.weakest);
  CHECK(again.confusions == one.confusions);
  CHECK(again.exact_strings.at("id").given_back == 3);
  CHECK(again.baselines.at("truncation").errors == 0.1);
  CHECK(again.wrong_cells == one.wrong_cells);
  CHECK(json_of(again) == json_of(one));
  CHECK_THROWS(page_record_from(Json::parse("{\"density\": 106}")));
}

TEST_CASE("packed size: what repeats takes less, nothing takes a header") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "the keeper lit the lamp\n";
  CHECK(zstd_size(text) < 100);
  CHECK(xz_size(text) < 200);
  CHECK(zstd_size("") > 0);
  CHECK(xz_size("") == 32);
}
