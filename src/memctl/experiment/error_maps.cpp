#include <algorithm>
#include <limits>

#include "memctl/experiment/figures.h"
#include "memctl/output.h"

namespace fovea::memctl {
namespace {

/// Of each cell the share of the pages that have it in which it is wrong.
plot::HeatMap map_of(const std::vector<const PageRecord*>& pages, const Curve& curve) {
  const Grid grid = grid_of(curve.density);
  plot::HeatMap map{.title = "", .columns = grid.columns, .rows = grid.rows};
  const auto columns = static_cast<std::size_t>(grid.columns);
  const auto cells = columns * static_cast<std::size_t>(grid.rows);
  std::vector<double> wrong(cells), all(cells);
  for (const PageRecord* page : pages) {
    for (std::size_t row = 0; row < page->row_lengths.size(); ++row) {
      const auto length = static_cast<std::size_t>(page->row_lengths[row]);
      const std::string& signs = page->wrong_cells.at(row);
      for (std::size_t column = 0; column < std::min(length, columns); ++column) {
        ++all.at(row * columns + column);
        wrong[row * columns + column] += column < signs.size() && signs[column] == 'x';
      }
    }
  }
  for (std::size_t i = 0; i < cells; ++i)
    map.values.push_back(all[i] > 0 ? wrong[i] / all[i] : std::numeric_limits<double>::quiet_NaN());
  return map;
}

}  // namespace

std::vector<NamedFigure> error_maps(const Findings& findings) {
  std::vector<NamedFigure> figures;
  for (const Levels& levels : levels_of_texts(findings)) {
    const Curve& first = *levels.front();
    plot::Figure figure{.title = figure_title("where slips are", first),
                        .columns = static_cast<int>(levels.size()),
                        .panel_width = 200,
                        .panel_height = 200,
                        .heat_label = "cells read wrong"};
    const bool several = first.pages.size() > 1;
    for (const Curve* curve : levels) {
      plot::HeatMap map = map_of(curve->pages, *curve);
      map.title = std::string(name_of(curve->level)) + ", " + counted(curve->pages.size(), "page") +
                  ": " + percent(1 - curve->accuracy.value.value_or(0));
      figure.panels.emplace_back(std::move(map));
    }
    for (const Curve* curve : levels) {
      if (!several) break;
      const PageRecord* page = curve->pages.front();
      plot::HeatMap map = map_of({page}, *curve);
      map.title = std::string(name_of(curve->level)) + ", first: " + percent(page->wrong_share());
      figure.panels.emplace_back(std::move(map));
    }
    figure.notes = {
        std::string(several ? "Above: the mean over the pages of the text that were read. Below: "
                              "the first of them. "
                            : "") +
        "The percentage: characters wrong, 100 at most. Light gray: no text. What was added counts "
        "for the cell after it."};
    figures.push_back({file_name_of("errors", first), std::move(figure)});
  }
  return figures;
}

}  // namespace fovea::memctl
