#include "fovea/level.h"

#include <string>

#include "fovea/error.h"

namespace fovea {
namespace {

struct LevelFacts {
  std::string_view name;
  int side;  // px
};

constexpr LevelFacts kFacts[] = {{"large", 1280}, {"base", 1024}, {"small", 640},
                                 {"tiny", 512},   {"faint", 384}, {"trace", 256}};
static_assert(std::size(kFacts) == kLevels.size());

constexpr int kPixelsPerToken = 64;  // patches of 16 px, then a 4 x 4 compressor

const LevelFacts& facts(Level level) {
  const auto index = static_cast<std::size_t>(level);
  if (index >= kLevels.size()) {
    throw Error(ErrorCode::invalid_argument, "no such level: " + std::to_string(index));
  }
  return kFacts[index];
}

/// "a, b or c"
template <class Items, class Name>
std::string one_of(const Items& items, Name name) {
  std::string list;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) list += i + 1 == items.size() ? " or " : ", ";
    list += name(items[i]);
  }
  return list;
}

}  // namespace

int side_of(Level level) {
  return facts(level).side;
}
int token_grid(Level level) {
  return side_of(level) / kPixelsPerToken;
}
int token_count(Level level) {
  return token_grid(level) * token_grid(level);
}
int sequence_length(Level level) {
  return token_count(level) + token_grid(level) + 1;
}
std::string_view name_of(Level level) {
  return facts(level).name;
}

Level level_from_name(std::string_view name) {
  for (Level level : kLevels) {
    if (name_of(level) == name) return level;
  }
  const auto name_string = [](Level level) { return std::string(name_of(level)); };
  throw Error(ErrorCode::invalid_argument, "no level is called \"" + std::string(name) +
                                               "\"; use " + one_of(kLevels, name_string));
}

std::string_view name_of(Layout layout) {
  return layout == Layout::cells ? "cells" : "document";
}

Layout layout_from_name(std::string_view name) {
  for (const Layout layout : {Layout::cells, Layout::document}) {
    if (name_of(layout) == name) return layout;
  }
  throw Error(ErrorCode::invalid_argument,
              "no layout is called \"" + std::string(name) + "\"; use cells or document");
}

int text_capacity(Level level) {
  switch (level) {
    case Level::large: return 2500;
    case Level::base: return 1500;
    case Level::small: return 1000;
    case Level::tiny: return 700;
    default: break;
  }
  throw Error(ErrorCode::invalid_argument, "layout document has no level " +
                                               std::string(name_of(level)) +
                                               "; use large, base, small or tiny");
}

Grid grid_of(Density density) {
  const int columns = static_cast<int>(density_from_columns(static_cast<int>(density)));
  const int rows = columns / 2, width = kCanvasSide / columns;
  return {.columns = columns,
          .rows = rows,
          .cell_width = width,
          .cell_height = 2 * width,
          .margin_x = (kCanvasSide - columns * width) / 2,
          .margin_y = (kCanvasSide - rows * 2 * width) / 2};
}

Density density_from_columns(int columns) {
  for (Density density : kDensities) {
    if (static_cast<int>(density) == columns) return density;
  }
  const auto number = [](Density density) { return std::to_string(static_cast<int>(density)); };
  throw Error(ErrorCode::invalid_argument, "no density has " + std::to_string(columns) +
                                               " columns; use " + one_of(kDensities, number));
}

}  // namespace fovea
