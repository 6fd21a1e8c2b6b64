#include "memctl/experiment/trained_control.h"

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "memctl/experiment/page_record.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

/// What `python -m fovea.training evaluate --out` writes, without what is not read here.
Json written() {
  const Json prose = {
      {"accuracy", 0.9},
      {"bytes", 7000},
      {"pages", {{{"characters", 100}, {"errors", 5}}, {{"characters", 300}, {"errors", 35}}}}};
  const Json row = {
      {"level", "tiny"}, {"density", 106}, {"kinds", {{"prose", prose}, {"random", prose}}}};
  return {{"encoder", "pooled"}, {"rate", 0}, {"rows", Json::array({row})}};
}

void check_refused(const Json& document, const char* what) {
  CHECK_THROWS_WITH_AS(trained_control_from(document.dump(), "c.json"), doctest::Contains(what),
                       Error);
}

}  // namespace

TEST_CASE("trained control: each text has its pages and the bytes of all of them") {
  const TrainedControl control = trained_control_from(written().dump(), "c.json");
  CHECK(control.encoder == "pooled");
  REQUIRE(control.figures.size() == 1);  // random strings are not of the same text
  const TrainedFigures& figures = control.figures[0];
  CHECK(figures.domain == "prose");
  CHECK(figures.level == Level::tiny);
  CHECK(figures.density == Density::d106);
  CHECK(figures.token_bytes == 14000);
  REQUIRE(figures.right.size() == 2);
  CHECK(figures.right[1].part == 265);
  CHECK(figures.right[1].whole == 300);
}

TEST_CASE("trained control: a file of something else is named, with what it lacks") {
  check_refused({{"rows", Json::array()}}, "c.json: not what `python -m fovea.training evaluate");
  check_refused({{"rows", Json::array()}}, "\"encoder\" is missing");
  check_refused(Json::array(), "c.json");
  Json document = written();
  document["rows"][0]["kinds"]["prose"].erase("pages");  // as an older release wrote it
  check_refused(document, "\"pages\" is missing");
  document = written();
  document["rows"][0]["level"] = "huge";
  check_refused(document, "huge");
  document = written();
  document["rows"][0]["kinds"]["prose"]["bytes"] = 1e300;
  check_refused(document, "\"bytes\" is no whole number");
  CHECK_THROWS_WITH_AS(trained_control_from("{", "c.json"),
                       doctest::Contains("c.json: not valid JSON"), Error);
}
