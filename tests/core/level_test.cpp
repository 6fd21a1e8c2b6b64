#include "fovea/level.h"

#include <doctest/doctest.h>

#include <string>

#include "fovea/error.h"

using namespace fovea;

TEST_CASE(
    "level: sides, vision tokens and sequence lengths are DeepSeek-OCR's, then two fainter ones") {
  struct Row {
    Level level;
    std::string_view name;
    int side, grid, tokens, sequence;
  };
  const Row rows[] = {
      {Level::large, "large", 1280, 20, 400, 421}, {Level::base, "base", 1024, 16, 256, 273},
      {Level::small, "small", 640, 10, 100, 111},  {Level::tiny, "tiny", 512, 8, 64, 73},
      {Level::faint, "faint", 384, 6, 36, 43},     {Level::trace, "trace", 256, 4, 16, 21}};
  for (const Row& row : rows) {
    CHECK(side_of(row.level) == row.side);
    CHECK(token_grid(row.level) == row.grid);
    CHECK(token_count(row.level) == row.tokens);
    CHECK(sequence_length(row.level) == row.sequence);
    CHECK(name_of(row.level) == row.name);
    CHECK(level_from_name(row.name) == row.level);
  }
}

TEST_CASE("density: the grid sits in the middle of the canvas") {
  struct Row {
    Density density;
    int columns, rows, width, height, margin;
  };
  const Row rows[] = {{Density::d64, 64, 32, 20, 40, 0},
                      {Density::d80, 80, 40, 16, 32, 0},
                      {Density::d106, 106, 53, 12, 24, 4},
                      {Density::d128, 128, 64, 10, 20, 0},
                      {Density::d160, 160, 80, 8, 16, 0}};
  for (const Row& row : rows) {
    const Grid grid = grid_of(row.density);
    CHECK(grid.columns == row.columns);
    CHECK(grid.rows == row.rows);
    CHECK(grid.cell_width == row.width);
    CHECK(grid.cell_height == row.height);
    CHECK(grid.margin_x == row.margin);
    CHECK(grid.margin_y == row.margin);
    CHECK(density_from_columns(row.columns) == row.density);
  }
}

TEST_CASE("level and density: an unknown one is refused and the message names those that exist") {
  CHECK_THROWS_WITH_AS(level_from_name("huge"),
                       "no level is called \"huge\"; use large, base, small, tiny, faint or trace",
                       Error);
  CHECK_THROWS_WITH_AS(density_from_columns(100),
                       "no density has 100 columns; use 64, 80, 106, 128 or 160", Error);
  CHECK_THROWS_AS(side_of(static_cast<Level>(7)), Error);
  CHECK_THROWS_AS(grid_of(static_cast<Density>(0)), Error);
}

TEST_CASE("layout: two have names, and a document holds what its level can show") {
  CHECK(layout_from_name("cells") == Layout::cells);
  CHECK(name_of(layout_from_name("document")) == "document");
  CHECK_THROWS_WITH_AS(layout_from_name("scroll"),
                       "no layout is called \"scroll\"; use cells or document", Error);
  CHECK(text_capacity(Level::large) == 2500);
  CHECK(text_capacity(Level::tiny) == 700);
  CHECK_THROWS_AS(text_capacity(Level::faint), Error);
}
