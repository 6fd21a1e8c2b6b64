// experiment.json and experiment.md, from findings made by hand.
#include "memctl/experiment/report.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "memctl/experiment/references.h"
#include "tests/memctl/made_life.h"
#include "tests/memctl/made_pages.h"
#include "tests/memory/store_fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::by_key;
using fovea::test::contains;
using fovea::test::lines_of;
using fovea::test::made_run;
using fovea::test::page_read;

namespace {

Text a_text() {
  Text text;
  text.name = "a|b";
  text.file = "notes/a|b.txt";
  text.format = "text";
  text.bytes = 12345;
  text.sha256 = std::string(64, 'e');
  text.text = std::string(12000, 'x');
  text.zstd_bytes = 4321;
  return text;
}

RunReport a_report() {
  return {.run = made_run(), .command = {"memctl", "experiment"}, .seconds = 1.5, .known = 3};
}

std::vector<PageRecord> some_pages() {
  PageRecord first = page_read("a", 0, 10);
  for (const Baseline baseline : kBaselines)
    first.baselines[std::string(name_of(baseline))] = {.tokens = 32, .errors = 60};
  first.baselines["dropping"].tokens = 0;
  first.tokens_by = {{"qwen", 320}};
  first.unknown_cells = 7;
  return {first, page_read("a", 0, 50, Shuffle::words),
          page_read("b", 0, 0, Shuffle::none, Level::base),
          page_read("b", 0, 100, Shuffle::none, Level::tiny)};
}

struct Made {
  std::map<PageKey, PageRecord> records = by_key(some_pages());
  TrainedControl control{.name = "pooled",
                         .sha256 = std::string(64, 'd'),
                         .encoder = "pooled",
                         .figures = {{"b", Density::d106, Level::tiny, 3000, {{150, 200}}}}};
  Findings findings{records, {Density::d106}, {"b", "a"}, {Level::base, Level::tiny}, 1, {control}};
};

/// The cells of the only row of Markdown that begins so.
std::vector<std::string> row_of(const std::string& tables, const std::string& title,
                                const std::string& name) {
  const auto lines = lines_of(tables.substr(tables.find(title)));
  const auto row = std::ranges::find_if(
      lines, [&](const std::string& line) { return line.starts_with("| " + name + " |"); });
  REQUIRE(row != lines.end());
  std::vector<std::string> cells;
  for (std::size_t at = 2; at < row->size();) {
    const std::size_t end = row->find(" |", at);
    cells.push_back(row->substr(at, end - at));
    at = end + 3;
  }
  return cells;
}

}  // namespace

TEST_CASE("experiment.json: curves have their figures, absent ones are null") {
  const Made made;
  const Json document = document_of(made.findings, {a_text()}, a_report());
  REQUIRE(document["curves"].size() == 3);
  const Json& curve = document["curves"][2];  // b at two levels before it
  CHECK(curve["domain"] == "a");
  CHECK(curve["density"] == 106);
  CHECK(curve["accuracy"] == doctest::Approx(0.9));
  CHECK(curve["accuracy_interval"].is_null());  // of one page
  CHECK(curve["exact_strings_by_kind"]["id"]["given_back"] == 3);
  CHECK(curve["by_tokenizer"]["qwen"]["compression"] == doctest::Approx(5));
  CHECK(curve["unknown_cells"] == 7);
  CHECK(curve["confusions"] == Json::parse(R"([{"exact": "l", "read": "1", "count": 2}])"));
  CHECK(document["controls"][0]["shuffle"] == "words");
  REQUIRE(document["baselines"].size() == kBaselines.size());  // of the curve that has them
  CHECK(document["baselines"][0]["budget"] == 64);
  CHECK(document["baselines"][4]["compression"].is_null());
  CHECK(document["trained_controls"][0]["sha256"] == std::string(64, 'd'));
  CHECK(document["trained_controls"][0]["accuracy"] == doctest::Approx(0.75));
  CHECK(document["references"].size() == references().size());
  CHECK(document["calibration"].size() == 2);
  CHECK(document["calibration"][0]["exact"] == 0);
}

TEST_CASE("experiment.json: it says how to repeat it, with the inputs as files") {
  const Made made;
  RunReport report = a_report();
  report.complete = false;
  const Json document = document_of(made.findings, {a_text()}, report);
  CHECK(document["complete"] == false);
  CHECK(document["seconds"] == 1.5);
  CHECK(document["pages_known"] == 3);
  CHECK(document["command"] == Json({"memctl", "experiment"}));
  CHECK(document["seed"] == 7);
  CHECK(document["machine"]["processor"] == "Some Processor");
  REQUIRE(document["inputs"].is_array());  // not what run.json calls by that name
  const Json& input = document["inputs"][0];
  CHECK(input["domain"] == "a|b");
  CHECK(input["bytes"] == 12345);
  CHECK(input["text_bytes"] == 12000);
  CHECK(input["zstd_bytes"] == 4321);
  CHECK(input["xz_bytes"].is_null());
}

TEST_CASE("experiment.json: no more than twenty confusions are listed, the most frequent first") {
  PageRecord page = page_read("a", 0, 0);
  page.confusions.clear();
  for (int i = 0; i < 30; ++i)
    page.confusions[{std::string(1, static_cast<char>('A' + i)), "x"}] =
        static_cast<std::size_t>(1 + i);
  const auto records = by_key({page});
  const Findings findings(records, {Density::d106}, {"a"}, {Level::tiny}, 1);
  const Json document = document_of(findings, {}, a_report());
  const Json& listed = document["curves"][0]["confusions"];
  REQUIRE(listed.size() == 20);
  CHECK(listed[0]["count"] == 30);
  CHECK(listed[19]["count"] == 11);
}

TEST_CASE("experiment.md: a text's controls stand below it, levels in columns") {
  const Made made;
  const std::string text = tables_of(made.findings, {a_text()}, a_report());
  const std::string title = "Density 106: characters read back, %";
  REQUIRE(contains(text, title));
  const auto lines = lines_of(text.substr(text.find(title)));
  CHECK(lines[2] == "| text | base | tiny |");
  CHECK(lines[4].starts_with("| b | "));
  CHECK(lines[5].starts_with("| a | "));
  CHECK(lines[6].starts_with("| a, words shuffled | "));
  CHECK(row_of(text, title, "b") == std::vector<std::string>{"b", "100.00 (2.5x)", "0.00 (10.0x)"});
  CHECK(row_of(text, title, "a") == std::vector<std::string>{"a", "", "90.00 (10.0x)"});
  CHECK(row_of(text, "counted with other tokenizers", "a, qwen").at(2) == "5.0x");
  CHECK(row_of(text, "Density 106: baselines", "a, dropping").at(2) == "40.0, 0.0, 0.0");
  CHECK(row_of(text, "trained controls", "b, pooled (pooled encoder)").at(2) == "75.00 (3,000)");
  CHECK(row_of(text, "bytes of a page's vision tokens", "a").at(2) == "200 (110; 50; 60)");
  CHECK(row_of(text, "seconds a page", "a").at(2) == "0.50 + 1.50");
  CHECK(row_of(text, "unique-word precision", "a").at(2) == "25.00, 75.00, 50.00");
}

TEST_CASE("experiment.md: the head names checkpoint, seed and tokenizers, and an interruption") {
  const Made made;
  RunReport report = a_report();
  std::string text = tables_of(made.findings, {a_text()}, report);
  CHECK(
      text.starts_with("memctl 1.2, nano ffffffffffffffff, seed 7, Some Processor\n"
                       "Tokenizer qwen: SHA-256 ab12\n"));
  CHECK_FALSE(contains(text, "Interrupted"));
  report.complete = false;
  text = tables_of(made.findings, {a_text()}, report);
  CHECK(contains(text, "Interrupted: the figures cover the pages read so far.\n"));
}

TEST_CASE("experiment.md: no name or character ends a table's cell") {
  PageRecord page = page_read("a", 0, 0);
  page.confusions = {{{"|", "`"}, 9}, {{" ", ""}, 8}};
  const auto records = by_key({page});
  const Findings findings(records, {Density::d106}, {"a"}, {Level::tiny}, 1);
  const std::string text = tables_of(findings, {a_text()}, a_report());
  CHECK(contains(text, "| `\\|` as `` ` `` 9, space as nothing 8 |"));
  CHECK(contains(text,
                 "| a\\|b | notes/a\\|b.txt | text | 12,345 | 12,000 | 4,321 | "
                 "not measured | eeeeeeeeeeeeeeee |"));
}

TEST_CASE("experiment.md: without pages there are the head, the texts and what others published") {
  const std::map<PageKey, PageRecord> none;
  const std::string text = tables_of(Findings(none, {}, {}, {}, 1), {}, a_report());
  CHECK_FALSE(contains(text, "Density"));
  CHECK(contains(text, "Brier score over 0 rows"));
  for (const Reference& one : references()) CHECK(contains(text, "| " + one.name + " |"));
}

TEST_CASE("references: compression rises, and shares are shares") {
  for (const Reference& one : references()) {
    CHECK_FALSE(one.source.empty());
    REQUIRE_FALSE(one.points.empty());
    for (std::size_t i = 0; i < one.points.size(); ++i) {
      CHECK(one.points[i].share > 0);
      CHECK(one.points[i].share < 1);
      if (i > 0) CHECK(one.points[i].compression > one.points[i - 1].compression);
    }
  }
}
