// curves.csv and rows.csv: every line has the head's fields, each in its column.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "memctl/experiment/report.h"
#include "tests/memctl/made_pages.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::by_key;
using fovea::test::csv_fields;
using fovea::test::lines_of;
using fovea::test::page_read;

namespace {

Findings findings_of(const std::map<PageKey, PageRecord>& records,
                     std::vector<TrainedControl> controls = {}) {
  return {records, {Density::d106}, {"a", "b"}, {Level::tiny}, 1, std::move(controls)};
}

/// Lines of CSV after the head, whose fields are asked for by their names.
class Csv {
 public:
  explicit Csv(const std::string& text) {
    REQUIRE(text.ends_with("\n"));
    for (const std::string& line : lines_of(text)) rows_.push_back(csv_fields(line));
    for (const auto& row : rows_) CHECK(row.size() == rows_[0].size());
  }
  std::size_t size() const { return rows_.size() - 1; }
  std::string at(std::size_t line, const std::string& name) const {
    const auto column = std::ranges::find(rows_[0], name);
    REQUIRE(column != rows_[0].end());
    return rows_.at(line + 1).at(static_cast<std::size_t>(column - rows_[0].begin()));
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

TEST_CASE("curves.csv: a curve's figures stand in their columns") {
  const auto records = by_key({page_read("a", 0, 10), page_read("a", 1, 30)});
  const Csv csv(curves_csv(findings_of(records)));
  REQUIRE(csv.size() == 1);
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"level", "tiny"},
                                          {"density", "106"},
                                          {"domain", "a"},
                                          {"shuffle", "none"},
                                          {"method", "vision tokens"},
                                          {"pages", "2"},
                                          {"characters", "200"},
                                          {"text_tokens", "1280"},
                                          {"tokens", "128"},
                                          {"compression", "10.000000"},
                                          {"characters_per_token", "1.562500"},
                                          {"accuracy", "0.800000"},
                                          {"accuracy_low", "0.700000"},
                                          {"accuracy_high", "0.900000"},
                                          {"exact_strings", "0.750000"},
                                          {"word_recall", "0.750000"},
                                          {"word_precision", "0.250000"},
                                          {"exact_rows", "0.500000"},
                                          {"text_bytes", "220"},
                                          {"token_bytes", "400"},
                                          {"zstd_bytes", "100"},
                                          {"xz_bytes", "120"},
                                          {"confidence", "0.875000"},
                                          {"brier", "0.025000"},
                                          {"encode_seconds", "0.500000"},
                                          {"read_seconds", "1.500000"}}) {
    CAPTURE(name);
    CHECK(csv.at(0, name) == value);
  }
}

TEST_CASE("curves.csv: controls, baselines and trained ones leave empty what they have not") {
  PageRecord page = page_read("a", 0, 10);
  for (const Baseline baseline : kBaselines)
    page.baselines[std::string(name_of(baseline))] = {
        .tokens = 32, .errors = 60, .word_recall = 0.5, .exact_strings = 1, .zstd_bytes = 10};
  page.baselines["dropping"].tokens = 0;
  const auto records = by_key({page, page_read("a", 0, 50, Shuffle::words)});
  TrainedControl control{.name = "pooled", .encoder = "of rows, pooled"};
  control.figures = {{"a", Density::d106, Level::tiny, 3000, {{150, 200}}}};
  const Csv csv(curves_csv(findings_of(records, {control})));
  REQUIRE(csv.size() == 2 + kBaselines.size() + 1);
  CHECK(csv.at(1, "shuffle") == "words");
  CHECK(csv.at(1, "accuracy") == "0.500000");
  CHECK(csv.at(2, "method") == "truncation");
  CHECK(csv.at(2, "tokens") == "32");
  CHECK(csv.at(2, "compression") == "20.000000");
  CHECK(csv.at(2, "accuracy") == "0.400000");
  CHECK(csv.at(2, "exact_strings") == "0.250000");
  CHECK(csv.at(2, "word_recall") == "0.500000");
  CHECK(csv.at(2, "text_bytes") == "110");
  for (const char* name : {"token_bytes", "word_precision", "exact_rows", "confidence", "brier",
                           "encode_seconds", "read_seconds", "accuracy_low"})
    CHECK(csv.at(2, name) == "");
  CHECK(csv.at(6, "method") == "dropping");  // kept nothing, so nothing is divided by
  CHECK(csv.at(6, "compression") == "");
  CHECK(csv.at(6, "characters_per_token") == "");
  CHECK(csv.at(7, "method") == "pooled (of rows, pooled encoder)");
  CHECK(csv.at(7, "characters") == "200");
  CHECK(csv.at(7, "text_tokens") == "");
  CHECK(csv.at(7, "tokens") == "64");
  CHECK(csv.at(7, "accuracy") == "0.750000");
  CHECK(csv.at(7, "token_bytes") == "3000");
  CHECK(csv.at(7, "xz_bytes") == "");
}

TEST_CASE("curves.csv: other tokenizers have two columns each, empty where they do not apply") {
  PageRecord page = page_read("a", 0, 0);
  page.tokens_by = {{"qwen", 320}, {"odd, name", 64}};
  page.baselines["truncation"] = {};
  for (const Baseline baseline : kBaselines) page.baselines[std::string(name_of(baseline))];
  const auto records = by_key({page});
  TrainedControl control{.name = "pooled", .encoder = "pooled"};
  control.figures = {{"a", Density::d106, Level::tiny, 3000, {{150, 200}}}};
  const Csv csv(curves_csv(findings_of(records, {control})));
  CHECK(csv.at(0, "text_tokens qwen") == "320");
  CHECK(csv.at(0, "compression qwen") == "5.000000");
  CHECK(csv.at(0, "text_tokens odd, name") == "64");
  CHECK(csv.at(1, "text_tokens qwen") == "");
  CHECK(csv.at(6, "compression odd, name") == "");
}

TEST_CASE(
    "curves.csv: names with commas and quotes stay in their column, without pages is a head") {
  auto records = by_key({page_read("a", 0, 0)});
  PageRecord odd = page_read("a, \"b\"", 0, 0);
  records = by_key({odd});
  const Findings findings(records, {Density::d106}, {"a, \"b\""}, {Level::tiny}, 1);
  CHECK(Csv(curves_csv(findings)).at(0, "domain") == "a, b");  // as the test's reader unquotes
  const std::map<PageKey, PageRecord> none;
  CHECK(Csv(curves_csv(findings_of(none))).size() == 0);
  CHECK(Csv(rows_csv(findings_of(none))).size() == 0);
}

TEST_CASE("rows.csv: a line for each row that was read, none of what was shuffled") {
  PageRecord page = page_read("a", 0, 10);
  page.rows[1].evidence.weakest = -std::numeric_limits<float>::infinity();
  const auto records = by_key({page, page_read("a", 0, 50, Shuffle::words), page_read("b", 0, 0)});
  const Csv csv(rows_csv(findings_of(records)));
  REQUIRE(csv.size() == 4);
  CHECK(csv.at(0, "cells_per_token") == "87.781");  // 106 x 53 / 64
  CHECK(csv.at(0, "decoder") == "-0.100000");
  CHECK(csv.at(0, "glyph_reader") == "0.000000");
  CHECK(csv.at(0, "confidence") == "0.900000");
  CHECK(csv.at(0, "exact") == "1");
  CHECK(csv.at(1, "weakest") == "-inf");
  CHECK(csv.at(1, "exact") == "0");
  CHECK(csv.at(2, "domain") == "b");
}
