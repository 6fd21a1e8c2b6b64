// Where slips are on a page, and a page as its levels have it.
#include <doctest/doctest.h>

#include <cmath>
#include <variant>

#include "memctl/experiment/figures.h"
#include "tests/memctl/made_pages.h"
#include "tests/renderer/fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::by_key;
using fovea::test::page_read;

namespace {

const plot::HeatMap& map_at(const NamedFigure& figure, std::size_t panel) {
  return std::get<plot::HeatMap>(figure.figure.panels.at(panel));
}

double share_at(const plot::HeatMap& map, int row, int column) {
  return map.values.at(static_cast<std::size_t>(row * map.columns + column));
}

PageRecord with_slips(std::size_t page, std::vector<int> lengths, std::vector<std::string> wrong,
                      Level level = Level::tiny) {
  PageRecord one = page_read("a b/文", page, 25, Shuffle::none, level);
  one.row_lengths = std::move(lengths);
  one.wrong_cells = std::move(wrong);
  return one;
}

const plot::Image& image_at(const NamedFigure& figure, std::size_t panel) {
  return std::get<plot::Image>(figure.figure.panels.at(panel));
}

std::size_t black_in(const plot::Image& image) {
  std::size_t dark = 0;
  for (const std::uint8_t gray : image.gray) dark += gray < 128;
  return dark;
}

/// The figures of a page of this text, read as `rows`.
std::vector<NamedFigure> pictures_of(const std::string& text, std::vector<std::string> rows,
                                     std::size_t begin = 0) {
  PageRecord record = page_read("a", 0, 0);
  record.begin = begin;
  record.read_rows = std::move(rows);
  const auto records = by_key({record});
  const Findings findings(records, {Density::d106}, {"a"}, {Level::tiny}, 1);
  const ExperimentPlan plan{.sources = {{"a", text}}};
  return page_figures(findings, plan, shared_renderer());
}

}  // namespace

TEST_CASE("error maps: a cell has the share of the pages with text there that read it wrong") {
  const auto records = by_key(
      {with_slips(0, {3, 0, 2}, {"x..", "", ""}), with_slips(1, {2, 0, 2}, {"x", "", ".x"})});
  const Findings findings(records, {Density::d106}, {"a b/文"}, {Level::tiny}, 1);
  const auto figures = error_maps(findings);
  REQUIRE(figures.size() == 1);
  CHECK(figures[0].name == "errors-a_b____-106");
  REQUIRE(figures[0].figure.panels.size() == 2);  // the mean, and below it the first page
  const plot::HeatMap& mean = map_at(figures[0], 0);
  CHECK(mean.columns == 106);
  CHECK(mean.rows == 53);
  CHECK(mean.title == "tiny, 2 pages: 25.00 %");
  CHECK(share_at(mean, 0, 0) == 1);
  CHECK(share_at(mean, 0, 1) == 0);
  CHECK(share_at(mean, 0, 2) == 0);  // only on the first page is there text
  CHECK(share_at(mean, 2, 1) == 0.5);
  CHECK(std::isnan(share_at(mean, 0, 3)));
  CHECK(std::isnan(share_at(mean, 1, 0)));
  CHECK(std::isnan(share_at(mean, 52, 105)));
  CHECK(map_at(figures[0], 1).title == "tiny, first: 25.00 %");
  CHECK(share_at(map_at(figures[0], 1), 2, 1) == 0);
}

TEST_CASE("error maps: of one page there is one row of maps, a level a column") {
  const auto records = by_key({with_slips(0, {1}, {"x"}, Level::base), with_slips(0, {1}, {""})});
  const Findings findings(records, {Density::d106}, {"a b/文"}, {Level::base, Level::tiny}, 1);
  const auto figures = error_maps(findings);
  REQUIRE(figures.size() == 1);
  CHECK(figures[0].figure.columns == 2);
  REQUIRE(figures[0].figure.panels.size() == 2);
  CHECK(share_at(map_at(figures[0], 0), 0, 0) == 1);
  CHECK(share_at(map_at(figures[0], 1), 0, 0) == 0);
  CHECK(figures[0].figure.notes.at(0).starts_with("The percentage"));
}

TEST_CASE("error maps: texts and densities are figures of their own, names plain and not endless") {
  PageRecord dense = page_read("b", 0, 0, Shuffle::none, Level::tiny, Density::d160);
  const auto records = by_key({page_read("a", 0, 0), page_read("b", 0, 0), dense});
  const Findings findings(records, {Density::d106, Density::d160}, {"a", "b"}, {Level::tiny}, 1);
  const auto figures = error_maps(findings);
  REQUIRE(figures.size() == 3);
  CHECK(figures[2].name == "errors-b-160");
  CHECK(figures[2].figure.title == "b, 160 columns: where slips are");
  CHECK(map_at(figures[2], 0).columns == 160);
  Curve curve = findings.curves()[0];
  curve.domain = std::string(500, '/') + "x";
  CHECK(file_name_of("errors", curve) == "errors-" + std::string(100, '_') + "-106");
  curve.domain = "..";
  CHECK(file_name_of("page", curve) == "page-..-106");
}

TEST_CASE("page figures: each level shows the page, and beside it what is read of it") {
  const auto figures = pictures_of("The keeper lit the lamp.", {"The keeper lit the lamp."});
  REQUIRE(figures.size() == 1);
  CHECK(figures[0].name == "page-a-106");
  REQUIRE(figures[0].figure.panels.size() == 2);
  CHECK(image_at(figures[0], 0).title == "tiny: 512 px a side, 64 vision tokens");
  CHECK(image_at(figures[0], 1).title == "accuracy of the page: 100.00 %");
  for (const std::size_t panel : {0, 1}) {
    const plot::Image& image = image_at(figures[0], panel);
    CHECK(image.gray.size() == static_cast<std::size_t>(image.width * image.height));
    CHECK(black_in(image) > 0);
  }
}

TEST_CASE("page figures: what is wrong is white on black, what is right is as it was drawn") {
  const auto right = pictures_of("abcdef", {"abcdef"}), wrong = pictures_of("abcdef", {"abcxef"});
  const std::size_t dark_right = black_in(image_at(right.at(0), 1));
  const std::size_t dark_wrong = black_in(image_at(wrong.at(0), 1));
  // A cell of 12 x 24 px, twice as large as it is shown; its letter is white.
  CHECK(dark_wrong > dark_right + 12 * 24 * 4 / 2);
  CHECK(dark_wrong < dark_right + 12 * 24 * 4);
  CHECK(image_at(right.at(0), 0).gray == image_at(wrong.at(0), 0).gray);
}

TEST_CASE("page figures: rows read too long, too short or not at all leave the others in place") {
  const std::string text = "first row\nsecond row\n";
  const auto exact = pictures_of(text, {"first row\n", "second row\n"});
  for (const std::vector<std::string>& rows :
       {std::vector<std::string>{std::string(300, 'x'), "second row\n"},
        {"", "second row\n"},
        {"\xFF\xFE", "second row\n"}}) {
    const auto figures = pictures_of(text, rows);
    REQUIRE(figures.size() == 1);
    // The second row: the same pixels as where all was read.
    const plot::Image &read = image_at(figures[0], 1), &wanted = image_at(exact.at(0), 1);
    const auto row = static_cast<std::ptrdiff_t>(read.width) * 24 * 2;
    CHECK(std::equal(read.gray.begin() + row, read.gray.begin() + 2 * row,
                     wanted.gray.begin() + row));
  }
}

TEST_CASE("page figures: the page is the one that was read, not the text's beginning") {
  const auto later = pictures_of("skipped! The page", {"The page"}, 9);
  const auto alone = pictures_of("The page", {"The page"});
  CHECK(image_at(later.at(0), 0).gray == image_at(alone.at(0), 0).gray);
  CHECK(black_in(image_at(later.at(0), 1)) == black_in(image_at(alone.at(0), 1)));
}

TEST_CASE("page figures: none of a text that is not in the plan, or of which no row is known") {
  CHECK(pictures_of("text", {}).empty());
  PageRecord record = page_read("gone", 0, 0);
  record.read_rows = {"x"};
  const auto records = by_key({record});
  const Findings findings(records, {Density::d106}, {"gone"}, {Level::tiny}, 1);
  CHECK(page_figures(findings, {.sources = {{"a", "text"}}}, shared_renderer()).empty());
}
